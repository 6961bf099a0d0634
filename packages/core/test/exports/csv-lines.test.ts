import fc from 'fast-check'
import t from 'tap'
import { createCsvLines } from '../../src/exports/csv-lines.ts'

/** As PostgreSQL writes a cell. */
const written = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é', '✅', '=') })

t.test('rows end with CRLF wherever chunks end, and cells stay as they are', async () => {
  const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(rows, fc.array(fc.nat(12), { minLength: 1 }), (table, sizes) => {
      const lines = table.map((row) => row.map(written).join(','))
      const source = Buffer.from(lines.map((line) => `${line}\n`).join(''))
      const { convert, rows: count } = createCsvLines()
      const parts: Buffer[] = []
      for (let at = 0, n = 0; at < source.length; n += 1) {
        const size = (sizes[n % sizes.length] ?? 0) + 1
        parts.push(convert(source.subarray(at, at + size)))
        at += size
      }
      const expected = lines.map((line) => `${line}\r\n`).join('')
      return Buffer.concat(parts).toString() === expected && count() === table.length - 1
    }),
    { numRuns: 2_000 },
  )
})
