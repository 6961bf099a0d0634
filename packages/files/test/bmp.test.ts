import fc from 'fast-check'
import t from 'tap'
import { decodeBmp, readBmpHeader } from '../src/bmp.ts'
import { bmp } from './helpers/bmp.ts'

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
  t.equal(readBmpHeader(changed(14, 12)), undefined, 'OS/2')
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
