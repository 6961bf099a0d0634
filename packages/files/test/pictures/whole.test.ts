import { readdir, readFile } from 'node:fs/promises'
import fc from 'fast-check'
import sharp from 'sharp'
import t from 'tap'
import { zip } from '../helpers/bytes.ts'
import { quarters } from '../helpers/pictures.ts'
import { samplePictures } from '../helpers/samples.ts'
import { verdictOn } from '../helpers/watch.ts'

const SAMPLES = await samplePictures()
const DAMAGED = { code: 'type_mismatch', message: /^The picture is cut off or damaged: / }
const sample = fc.constantFrom(...SAMPLES)

t.test('whole pictures of every format have their size, in chunks of any size', async (t) => {
  for (const [extension, what, file] of SAMPLES) {
    for (const size of [1, 7, file.length]) {
      t.same(verdictOn(extension, file, size), { width: 40, height: 24 }, `${extension}, ${what}, by ${size}`)
    }
  }
})

t.test('real photographs have the size that sharp finds', async (t) => {
  const folder = new URL('../fixtures/', import.meta.url)
  const photos = (await readdir(folder)).filter((name) => name.endsWith('.jpg'))
  t.ok(photos.length >= 2)
  for (const name of photos) {
    const photo = await readFile(new URL(name, folder))
    const { width, height } = (await sharp(photo).metadata()).autoOrient
    t.same(verdictOn('jpg', photo), { width, height }, name)
  }
})

t.test('every EXIF orientation, in every format that has it', async (t) => {
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const file = await quarters(32, 16).withMetadata({ orientation }).toFormat(format).toBuffer()
      const { width, height } = (await sharp(file).metadata()).autoOrient
      t.equal(width, orientation < 5 ? 32 : 16)
      t.same(verdictOn(format, file), { width, height }, `${format} ${orientation}`)
    }
  }
})

t.test('cut anywhere before its end, a picture is refused', async () => {
  fc.assert(
    fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true }), ([extension, , file], share) => {
      const cut = file.subarray(0, Math.min(Math.floor(file.length * share), file.length - 1))
      const verdict = verdictOn(extension, cut)
      return 'code' in verdict && verdict.code === DAMAGED.code && DAMAGED.message.test(verdict.message)
    }),
    { numRuns: 2_000 },
  )
})

t.test('the last bytes are missed as well as many', async (t) => {
  for (const [extension, what, file] of SAMPLES) {
    for (const missing of [1, 2, 3, 12]) {
      t.match(verdictOn(extension, file.subarray(0, -missing)), DAMAGED, `${extension}, ${what}, ${missing}`)
    }
  }
})

t.test('whatever comes after its end, a picture is accepted', async (t) => {
  fc.assert(
    fc.property(sample, fc.uint8Array({ maxLength: 300 }), ([extension, , file], tail) => {
      const verdict = verdictOn(extension, Buffer.concat([file, tail]), 512)
      return 'width' in verdict && verdict.width === 40 && verdict.height === 24
    }),
    { numRuns: 500 },
  )
  const tails = {
    'another picture': SAMPLES[0]![2],
    'a zip': zip({ 'a.txt': 'a' }),
    html: Buffer.from('<html>'),
  }
  for (const [extension, what, file] of SAMPLES) {
    for (const [name, tail] of Object.entries(tails)) {
      const verdict = verdictOn(extension, Buffer.concat([file, tail]))
      t.same(verdict, { width: 40, height: 24 }, `${extension}, ${what}, and ${name}`)
    }
  }
})

t.test('random bytes are refused or measured, never an error of ours', async () => {
  const starts: Record<string, string> = {
    jpg: '\xff\xd8\xff',
    png: '\x89PNG\r\n\x1a\n',
    gif: 'GIF89a',
    webp: 'RIFF\xff\x00\x00\x00WEBPVP8X',
    bmp: 'BM',
  }
  const noise = fc.uint8Array({ maxLength: 400 })
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(starts)), fc.boolean(), noise, (extension, begins, bytes) => {
      const file = Buffer.concat([Buffer.from(begins ? starts[extension]! : '', 'latin1'), bytes])
      const verdict = verdictOn(extension, file, 64)
      return 'width' in verdict || verdict.code === 'type_mismatch' || verdict.code === 'too_large'
    }),
    { numRuns: 3_000 },
  )
})

t.test('pictures with flipped bytes neither', async () => {
  const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(sample, flips, ([extension, , file], changes) => {
      const broken = Buffer.from(file)
      for (const [at, value] of changes) broken[at % broken.length] = value
      const verdict = verdictOn(extension, broken, 100)
      return 'width' in verdict ? verdict.width > 0 : verdict.message.endsWith('.')
    }),
    { numRuns: 2_000 },
  )
})
