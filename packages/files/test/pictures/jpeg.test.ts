import sharp from 'sharp'
import t from 'tap'
import { quarters } from '../helpers/pictures.ts'
import { verdictOn } from '../helpers/watch.ts'

const SOI = [0xff, 0xd8]
const EOI = [0xff, 0xd9]
const bytes = (...parts: (readonly number[] | Buffer)[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part)))
/** A segment with its length. */
const segment = (marker: number, content: readonly number[] | Buffer) =>
  bytes([0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 255], content)
const frame = (marker = 0xc0, width = 40, height = 24) =>
  segment(marker, [8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0])
const scan = bytes(segment(0xda, [1, 1, 0, 0, 63, 0]), [0x12, 0x34, 0xff, 0x00, 0x56])
const SIZE = { width: 40, height: 24 }
const refused = (what: RegExp) => ({ code: 'type_mismatch', message: what })

t.test('an end inside a segment is none: the thumbnail in EXIF has its own', async (t) => {
  const thumbnail = await quarters(16, 16).jpeg().toBuffer()
  const tiff = Buffer.from(
    'Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0',
    'latin1',
  )
  const exif = segment(0xe1, bytes(tiff, thumbnail))
  const file = bytes(SOI, exif, frame(), scan, EOI)
  const turned = { width: 24, height: 40 }
  t.same(verdictOn('jpg', file), turned)
  t.match(verdictOn('jpg', file.subarray(0, -1)), refused(/ends too soon/))
  t.match(verdictOn('jpg', bytes(SOI, exif, EOI)), refused(/no frame header/), 'its frame is none of ours')
})

t.test('restarts, stuffed zeros, fill bytes and strays are passed over', async (t) => {
  const data = bytes(scan, [0xff, 0xd0, 0x11, 0xff, 0xff, 0xd7, 0xff, 0x00, 0x22, 0xff, 0xff, 0xff])
  for (const size of [1, 3, 65_536]) {
    t.same(verdictOn('jpg', bytes(SOI, frame(), data, EOI), size), SIZE)
    t.same(verdictOn('jpg', bytes(SOI, [0xff, 0xff], frame(), [0, 0, 7], scan, EOI), size), SIZE)
    t.same(verdictOn('jpg', bytes(SOI, [0xff, 0x01], frame(), scan, [0xff, 0x01], EOI), size), SIZE, 'TEM')
  }
  t.match(verdictOn('jpg', bytes(SOI, frame(), data, [0xff])), refused(/ends too soon/))
})

t.test('every kind of frame: progressive, lossless, arithmetic; and a height that comes later', async (t) => {
  for (const marker of [0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]) {
    t.same(verdictOn('jpg', bytes(SOI, frame(marker), scan, segment(0xc4, [0]), scan, EOI)), SIZE)
  }
  const later = bytes(SOI, frame(0xc0, 40, 0), scan, segment(0xdc, [0, 24]), EOI)
  t.same(verdictOn('jpg', later), SIZE)
  t.match(verdictOn('jpg', bytes(SOI, frame(0xc0, 40, 0), scan, EOI)), refused(/no height/))
  const tall = bytes(SOI, frame(0xc0, 60_000, 0), scan, segment(0xdc, [0xff, 0xff]), EOI)
  t.match(verdictOn('jpg', tall), { code: 'too_large' })
})

t.test('what is no whole JPEG', async (t) => {
  const whole = bytes(SOI, frame(), scan, EOI)
  t.same(verdictOn('jpg', whole), SIZE)
  for (const [what, file, why] of [
    ['no frame', bytes(SOI, scan, EOI), /no frame header/],
    ['tables where a frame should be', bytes(SOI, frame(0xc4), scan, EOI), /no frame header/],
    ['no scan', bytes(SOI, frame(), EOI), /nothing in it/],
    ['a start and an end', bytes(SOI, EOI), /no frame header/],
    ['one that begins inside another', bytes(SOI, frame(), scan, whole), /in the middle/],
    ['an unknown code', bytes(SOI, frame(), scan, [0xff, 0x4d], EOI), /in the middle/],
    ['a segment of length 1', bytes(SOI, [0xff, 0xe0, 0, 1], frame(), scan, EOI), /no length/],
    ['a segment past the end', bytes(SOI, frame(), scan, [0xff, 0xfe, 0xff, 0xff], EOI), /ends too soon/],
    ['a short frame', bytes(SOI, segment(0xc0, [8, 0, 24]), scan, EOI), /too short/],
    ['no width', bytes(SOI, frame(0xc0, 0, 24), scan, EOI), /no width/],
    ['zeros', bytes(SOI, Buffer.alloc(9_000)), /ends too soon/],
  ] as const) {
    t.match(verdictOn('jpg', file), refused(why), what)
  }
  t.match(verdictOn('jpg', bytes(SOI, frame(0xc0, 20_000, 10_000))), {
    code: 'too_large',
    message: /100 mega/,
  })
})

t.test('a photograph that loses its middle and keeps its end is whole as far as can be seen', async (t) => {
  const photo = await sharp(await quarters(400, 300).png().toBuffer())
    .jpeg({ quality: 100 })
    .toBuffer()
  const gap = bytes(photo.subarray(0, photo.length - 900), photo.subarray(-100))
  t.same(verdictOn('jpg', gap), { width: 400, height: 300 }, 'its decoder shows what it can')
})
