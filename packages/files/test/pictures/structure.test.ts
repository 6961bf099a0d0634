import t from 'tap'
import { bmp, coreBmp } from '../helpers/bmp.ts'
import { pngHeader } from '../helpers/bytes.ts'
import { quarters } from '../helpers/pictures.ts'
import { verdictOn } from '../helpers/watch.ts'

const SIZE = { width: 40, height: 24 }
const picture = () => quarters(40, 24)
const refused = (what: RegExp) => ({ code: 'type_mismatch', message: what })
/** A copy with `value` at `at`, which counts from the end when negative. */
const changed = (file: Buffer, at: number, ...values: number[]) => {
  const copy = Buffer.from(file)
  copy.set(values, at < 0 ? copy.length + at : at)
  return copy
}

t.test('PNG', async (t) => {
  const png = await picture().png().toBuffer()
  const end = png.length - 12
  for (const [what, file, why] of [
    ['another signature', changed(png, 0, 0x88), /begin like a PNG/],
    ['a header of another width', changed(png, 19, 41), /header is not whole/],
    ['a header with another checksum', changed(png, 29, png[29]! ^ 1), /header is not whole/],
    ['another chunk first', changed(png, 12, 0x4a), /header is not whole/],
    ['no end', png.subarray(0, end), /ends too soon/],
    ['a chunk that is none', changed(png, 37, 0), /chunks is none/],
    ['a chunk of gigabytes', changed(png, 33, 0xff), /chunks is none/],
    ['no data', Buffer.concat([png.subarray(0, 33), png.subarray(end)]), /nothing in it/],
    ['no pixels', pngHeader(0, 24), /no width/],
    ['a bit depth that there is not', pngHeader(40, 24, 3), /makes no sense/],
  ] as const) {
    t.match(verdictOn('png', file), refused(why), what)
  }
  t.same(verdictOn('png', pngHeader(10_000, 10_000)), { width: 10_000, height: 10_000 }, '100 megapixels')
  for (const [width, height] of [
    [10_001, 10_000],
    [20_000, 10_000],
    [2 ** 31 - 1, 2 ** 31 - 1],
  ] as const) {
    t.match(verdictOn('png', pngHeader(width, height)), { code: 'too_large', message: /100 megapixels/ })
  }
})

t.test('GIF', async (t) => {
  const gif = await picture().gif().toBuffer()
  t.equal(gif.at(-1), 0x3b)
  const start = gif.subarray(0, 13)
  const image = [0x2c, 0, 0, 0, 0, 40, 0, 24, 0, 0, 2, 1, 0x44, 0]
  const trailer = [0x3b]
  const made = (...parts: number[][]) => Buffer.concat([changed(start, 10, 0), Buffer.from(parts.flat())])
  t.same(verdictOn('gif', made(image, trailer)), SIZE)
  t.same(verdictOn('gif', made([0, 0], image, [0], trailer)), SIZE, 'zeros between blocks')
  t.same(verdictOn('gif', changed(made(image, trailer), 6, 0, 0, 0, 0)), SIZE, 'a screen without a size')
  for (const [what, file, why] of [
    ['another version', changed(gif, 4, 0x38), /begin like a GIF/],
    ['no image', made(trailer), /nothing in it/],
    ['prose', Buffer.from('GIF89a and then no picture at all, only words'), /in the middle|too soon/],
    ['no trailer', gif.subarray(0, -1), /ends too soon/],
    ['a comment without an end', made([0x21, 0xfe, 9, 1, 2]), /ends too soon/],
    ['an unknown block', made(image, [0x4d], trailer), /in the middle/],
    ['no pixels', made(changed(Buffer.from(image), 5, 0).toJSON().data, trailer), /no width/],
  ] as const) {
    t.match(verdictOn('gif', file), refused(why), what)
  }
  t.match(verdictOn('gif', changed(gif, 6, 255, 255, 255, 255)), { code: 'too_large' })
})

t.test('WebP', async (t) => {
  const lossy = await picture().webp().toBuffer()
  const lossless = await picture().webp({ lossless: true }).toBuffer()
  const extended = await picture()
    .withExif({ IFD0: { Copyright: 'x' } })
    .webp()
    .toBuffer()
  t.equal(extended.toString('latin1', 12, 16), 'VP8X')
  for (const [what, file, why] of [
    ['another container', changed(lossy, 8, 0x41), /begin like a WebP/],
    ['longer than it is', changed(lossy, 4, lossy[4]! + 2), /ends too soon/],
    ['a chunk longer than all', changed(lossy, 18, 0xff), /longer than all/],
    ['an empty one', Buffer.from('RIFF\x04\0\0\0WEBP', 'latin1'), /nothing in it/],
    ['no start code', changed(lossy, 23, 0), /frame header/],
    ['no lossless signature', changed(lossless, 20, 0), /frame header/],
    ['a frame of three bytes', Buffer.from('RIFF\x0f\0\0\0WEBPVP8 \x03\0\0\0abc', 'latin1'), /too short/],
    ['no pixels', Buffer.from(`RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0${'\0'.repeat(10)}`, 'latin1'), /nothing/],
  ] as const) {
    t.match(verdictOn('webp', file), refused(why), what)
  }
  t.match(verdictOn('webp', changed(extended, 24, 255, 255, 0, 255, 255, 0)), { code: 'too_large' })
})

t.test('BMP', async (t) => {
  const rows = Array.from({ length: 24 }, () => Array.from({ length: 40 }, () => 0x123456))
  const file = bmp(rows, 24)
  t.same(verdictOn('bmp', file), SIZE)
  t.same(verdictOn('bmp', changed(file, 2, 0, 0, 0, 0)), SIZE, 'many writers leave the length out')
  t.match(verdictOn('bmp', changed(file, 14, 99)), refused(/header makes no sense/))
  t.match(verdictOn('bmp', changed(file, 22, 25)), refused(/ends too soon/), 'a row too few')
  t.match(verdictOn('bmp', changed(file, 18, 0, 0, 1, 0, 0, 0, 1, 0)), { code: 'too_large' })
  t.same(verdictOn('bmp', coreBmp(rows, 24)), SIZE, 'the header of OS/2')
  t.same(verdictOn('bmp', coreBmp([[1]], 1)), { width: 1, height: 1 }, 'shorter than a header of Windows')
  t.match(verdictOn('bmp', coreBmp(rows, 24).subarray(0, -1)), refused(/ends too soon/))
  const padded = bmp([[1], [2]], 24)
  t.same(verdictOn('bmp', padded.subarray(0, -1)), { width: 1, height: 2 }, 'without its last padding')
  t.match(verdictOn('bmp', padded.subarray(0, -2)), refused(/ends too soon/))
  const packed = changed(changed(bmp(rows, 8), 30, 1), 34, 200, 0, 0, 0)
  t.same(verdictOn('bmp', packed.subarray(0, 58 + 200)), SIZE, 'run-length encoded: by the length it says')
  t.match(verdictOn('bmp', packed.subarray(0, 58 + 199)), refused(/ends too soon/))
})
