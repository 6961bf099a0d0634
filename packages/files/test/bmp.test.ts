import fc from 'fast-check'
import t from 'tap'
import { decodeBmp } from '../src/bmp.ts'
import { readBmpHeader } from '../src/bmp-header.ts'
import { bmp, coreBmp } from './helpers/bmp.ts'

const LIMIT = 25e6
const COLOURS = [0x000000, 0xffffff, 0xff0000, 0x00ff00, 0x0000ff, 0x848484]

/** The decoded picture as rows of RGB numbers. */
const rowsOf = (file: Buffer) => {
  const { data, width, height } = decodeBmp(file, LIMIT)
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => data.readUIntBE((y * width + x) * 4, 3)),
  )
}

t.test('every depth and both directions come back as they were', async () => {
  const picture = fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }))
    .chain(([width, height]) =>
      fc.array(fc.array(fc.constantFrom(...COLOURS), { minLength: width, maxLength: width }), {
        minLength: height,
        maxLength: height,
      }),
    )
  const format = fc.constantFrom(
    [4, false],
    [8, false],
    [16, false],
    [24, false],
    [32, false],
    [16, true],
    [32, true],
  )
  fc.assert(
    fc.property(picture, format, fc.boolean(), (rows, [bits, masks], topDown) => {
      const file = bmp(rows, bits as 4, { topDown, masks: masks as boolean })
      return (
        JSON.stringify(rowsOf(file)) ===
        JSON.stringify(
          bits === 16 ? rows.map((row) => row.map((colour) => coarse(colour, masks as boolean))) : rows,
        )
      )
    }),
  )
})

/** What 16 bits leave of a colour. */
function coarse(colour: number, sixBitGreen: boolean): number {
  const scale = (value: number, bits: number) => Math.round(((value >> (8 - bits)) * 255) / (2 ** bits - 1))
  const green = scale((colour >> 8) & 255, sixBitGreen ? 6 : 5)
  return (scale(colour >> 16, 5) << 16) | (green << 8) | scale(colour & 255, 5)
}

t.test('one bit a pixel', async (t) => {
  const rows = [
    [0x112233, 0xffffff, 0x112233, 0x112233, 0x112233, 0x112233, 0x112233, 0x112233, 0xffffff],
    [0xffffff, 0xffffff, 0x112233, 0xffffff, 0x112233, 0xffffff, 0x112233, 0xffffff, 0x112233],
  ]
  t.same(rowsOf(bmp(rows, 1)), rows)
})

t.test('rows that are missing are black', async (t) => {
  const file = bmp([[0xffffff], [0xff0000], [0x00ff00]], 24)
  t.same(rowsOf(file.subarray(0, -4)), [[0], [0xff0000], [0x00ff00]], 'the top row is the last of the file')
})

t.test('of a large one every so manieth pixel', async (t) => {
  const side = 7000
  const stride = Math.ceil(side / 32) * 4
  const start = bmp([[0x112233, 0xffeedd]], 1)
  const file = Buffer.alloc(start.readUInt32LE(10) + stride * side)
  start.copy(file)
  file.writeInt32LE(side, 18)
  file.writeInt32LE(-side, 22)
  // The lower half has the other colour.
  file.fill(0xff, start.readUInt32LE(10) + (stride * side) / 2)
  const { data, width, height } = decodeBmp(file, 50e6)
  t.same([width, height, data.length], [1400, 1400, 1400 * 1400 * 4])
  const pixel = (x: number, y: number) => data.readUInt32BE((y * width + x) * 4)
  t.same([pixel(0, 0), pixel(1399, 699)], [0x112233ff, 0x112233ff])
  t.same([pixel(0, 700), pixel(1399, 1399)], [0xffeeddff, 0xffeeddff])

  const thin = decodeBmp(bmp([Array.from({ length: 6000 }, (_, x) => x)], 24), LIMIT)
  t.same([thin.width, thin.height], [1200, 1])
  t.same([thin.data.readUIntBE(4, 3), thin.data.readUIntBE(1199 * 4, 3)], [5, 5995])
})

t.test('alpha that is zero everywhere means nothing', async (t) => {
  const withAlpha = (...alphas: number[]) => {
    const plain = bmp([alphas.map(() => 0x123456)], 32)
    const header = Buffer.concat([plain.subarray(0, 54), Buffer.alloc(16)])
    header.writeUInt32LE(70, 10)
    header.writeUInt32LE(56, 14)
    header.writeUInt32LE(3, 30)
    for (const [index, mask] of [0xff0000, 0xff00, 0xff, 0xff000000].entries()) {
      header.writeUInt32LE(mask, 54 + index * 4)
    }
    const pixels = Buffer.from(plain.subarray(54))
    for (const [x, alpha] of alphas.entries()) pixels[x * 4 + 3] = alpha
    return decodeBmp(Buffer.concat([header, pixels]), LIMIT).data.toString('hex')
  }
  t.equal(withAlpha(0, 0), '123456ff123456ff')
  t.equal(withAlpha(0, 128), '1234560012345680')
})

t.test('the header of OS/2 and Windows 2', async (t) => {
  const rows = [
    [0x112233, 0xffeedd, 0x112233],
    [0xffeedd, 0xffeedd, 0x112233],
  ]
  for (const bits of [1, 4, 8, 24] as const) t.same(rowsOf(coreBmp(rows, bits)), rows, `${bits} bits`)
})

t.test('padding that is missing at the end', async (t) => {
  const file = bmp([[0xffffff], [0xff0000]], 24)
  t.same(rowsOf(file.subarray(0, -1)), [[0xffffff], [0xff0000]])
  t.same(rowsOf(file.subarray(0, -2)), [[0], [0xff0000]], 'less than the pixels')
})

t.test('what is no bitmap, or too much of one', async (t) => {
  const file = bmp([[1, 2, 3]], 24)
  const changed = (at: number, value: number) => {
    const copy = Buffer.from(file)
    copy.writeUInt32LE(value, at)
    return copy
  }
  t.equal(
    readBmpHeader(Buffer.from('BM just two letters and many words behind them, more than a header')),
    undefined,
  )
  t.equal(readBmpHeader(file.subarray(0, 30)), undefined)
  t.equal(readBmpHeader(changed(18, 0)), undefined, 'no width')
  t.equal(readBmpHeader(changed(18, 0x80000000)), undefined, 'negative width')
  t.equal(readBmpHeader(changed(14, 16)), undefined, 'a header of a length that there is not')
  t.throws(() => decodeBmp(changed(18, 25_000_001), LIMIT), RangeError)
  t.throws(() => decodeBmp(changed(30, 1), LIMIT), RangeError, 'run-length compression')
  t.throws(() => decodeBmp(Buffer.from('BM'), LIMIT), RangeError)
})

t.test('no header makes it fail otherwise', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 52, maxLength: 120 }), (rest) => {
      try {
        decodeBmp(Buffer.concat([Buffer.from('BM'), rest]), 1e6)
      } catch (error) {
        return error instanceof RangeError
      }
      return true
    }),
  )
  const field = fc.constantFrom(0, 1, 4, 8, 16, 24, 32, 40, 54, 100, 124, 0xffffffff, 0x7fffffff)
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 10, max: 50 }), field), { maxLength: 4 }), (changes) => {
      const file = bmp([[1, 2, 3]], 24)
      for (const [at, value] of changes) file.writeUInt32LE(value, at)
      try {
        decodeBmp(file, 1e6)
      } catch (error) {
        return error instanceof RangeError
      }
      return true
    }),
    { numRuns: 2000 },
  )
})
