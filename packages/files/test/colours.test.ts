import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import { createThumbnailer } from '../src/thumbnail.ts'
import { writeAdobeRgb } from './helpers/icc.ts'

const { makeThumbnails } = createThumbnailer()
const picture = (r: number, g: number, b: number) =>
  sharp({ create: { width: 40, height: 40, channels: 3, background: { r, g, b } } })
const pixelOf = async (file: Buffer) => [...(await sharp(file).removeAlpha().raw().toBuffer()).subarray(0, 3)]
/** How far the furthest channel is off. */
const distance = (one: readonly number[], other: readonly number[]) =>
  Math.max(...one.map((value, index) => Math.abs(value - other[index]!)))
/** The numbers that a file holds, whatever its profile says that they mean. */
const numbersOf = async (file: Buffer) => [
  ...(await sharp(file, { ignoreIcc: true }).raw().toBuffer()).subarray(0, 3),
]

t.test('colours are converted by their profile, which is then dropped', async (t) => {
  const adobe = await writeAdobeRgb(join(t.testdir({}), 'adobe.icc'))
  for (const [name, profile] of [
    ['Display P3', 'p3'],
    ['Adobe RGB', adobe],
  ] as const) {
    for (const colour of [
      [0, 255, 0],
      [255, 0, 0],
      [230, 120, 20],
    ] as const) {
      const [r, g, b] = colour
      const wide = picture(r, g, b).withIccProfile(profile)
      for (const file of [
        await wide.clone().png().toBuffer(),
        await wide.clone().jpeg({ quality: 100 }).toBuffer(),
      ]) {
        const raw = await numbersOf(file)
        t.ok(distance(raw, colour) > 15, `${name}: the file holds ${raw} for ${colour}`)
        for (const { data, format } of await makeThumbnails(file)) {
          const seen = await pixelOf(data)
          t.ok(distance(seen, colour) <= 10, `${name} in ${format}: ${colour} shows as ${seen}`)
          t.notOk(data.includes('acsp'), 'no profile')
        }
      }
    }
  }
})

t.test('CMYK, with a profile and without', async (t) => {
  const colour = [150, 110, 90]
  const cmyk = picture(150, 110, 90).toColourspace('cmyk')
  for (const file of [
    await cmyk.clone().jpeg({ quality: 100 }).toBuffer(),
    await cmyk.clone().withIccProfile('cmyk').jpeg({ quality: 100 }).toBuffer(),
  ]) {
    t.equal((await sharp(file).metadata()).space, 'cmyk')
    for (const { data } of await makeThumbnails(file)) {
      const seen = await pixelOf(data)
      // Paper shows less than a screen does. Inks read as light would give 139, 45, 14.
      t.ok(distance(seen, colour) <= 20, `shows ${seen}`)
      t.match(await sharp(data).metadata(), { space: 'srgb', channels: 3, depth: 'uchar' })
    }
  }
})

t.test('16 bits a channel, and grey', async (t) => {
  for (const [file, colour] of [
    [await picture(200, 60, 60).toColourspace('rgb16').png().toBuffer(), [200, 60, 60]],
    [await picture(90, 90, 90).greyscale().png().toBuffer(), [90, 90, 90]],
    [await picture(90, 90, 90).greyscale().toColourspace('grey16').png().toBuffer(), [90, 90, 90]],
    [await picture(90, 90, 90).greyscale().jpeg().toBuffer(), [90, 90, 90]],
  ] as const) {
    for (const { data } of await makeThumbnails(file)) {
      const seen = await pixelOf(data)
      const shown = seen.length === 3 ? seen : [seen[0]!, seen[0]!, seen[0]!]
      t.ok(distance(shown, colour) <= 6, `shows ${seen}`)
      t.match(await sharp(data).metadata(), { depth: 'uchar' })
    }
  }
})
