import t from 'tap'
import { pictureSize } from '../src/picture-size.ts'
import { bmp } from './helpers/bmp.ts'
import { pngHeader } from './helpers/bytes.ts'
import { quarters } from './helpers/pictures.ts'

t.test('the size of every format, from its first bytes where they tell', async (t) => {
  for (const format of ['png', 'jpeg', 'gif', 'webp'] as const) {
    const file = await quarters(321, 123).toFormat(format).toBuffer()
    t.same(await pictureSize(file), { width: 321, height: 123 }, format)
  }
  t.same(
    await pictureSize(
      bmp(
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        24,
      ),
    ),
    { width: 3, height: 2 },
  )
  const jpeg = await quarters(2000, 1000).jpeg({ quality: 100 }).toBuffer()
  t.same(await pictureSize(jpeg.subarray(0, 2000)), { width: 2000, height: 1000 }, 'the start is enough')
})

t.test('turned by EXIF', async (t) => {
  const file = await quarters(300, 200).withMetadata({ orientation: 8 }).jpeg().toBuffer()
  t.same(await pictureSize(file), { width: 200, height: 300 })
})

t.test('a bomb is measured without being opened, and nonsense is nothing', async (t) => {
  t.same(await pictureSize(pngHeader(14_000, 14_000)), { width: 14_000, height: 14_000 })
  t.equal(await pictureSize(Buffer.from('no picture')), undefined)
  t.equal(await pictureSize(Buffer.alloc(0)), undefined)
})
