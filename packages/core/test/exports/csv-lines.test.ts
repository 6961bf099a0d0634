import fc from 'fast-check'
import t from 'tap'
import { createCsvLines } from '../../src/exports/csv-lines.ts'

/** As PostgreSQL writes a cell. */
const written = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
const text = fc
  .string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é', '✅', '=', '0', ' ') })
  .map((cell) => ({ written: written(cell), wanted: written(cell) }))

/** PostgreSQL's own text of an instant in UTC: fractions end with their last digit that is not zero. */
const instant = fc
  .tuple(
    fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
    fc.nat(999_999),
  )
  .map(([date, micros]) => {
    const iso = date.toISOString().slice(0, 19)
    const fraction = micros === 0 ? '' : `.${String(micros).padStart(6, '0').replace(/0+$/, '')}`
    return { written: `${iso.replace('T', ' ')}${fraction}+00`, wanted: `${iso}Z` }
  })
const cellOf = (isInstant: boolean) =>
  isInstant ? fc.oneof(instant, fc.constant({ written: '', wanted: '' })) : text

const table = fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }).chain((kinds) =>
  fc.record({
    instants: fc.constant(new Set(kinds.flatMap((isInstant, n) => (isInstant ? [n] : [])))),
    header: fc.tuple(...kinds.map(() => text)),
    rows: fc.array(fc.tuple(...kinds.map(cellOf)), { maxLength: 8 }),
  }),
)

t.test(
  'rows end with CRLF wherever chunks end, instants are ISO 8601, and other cells stay as they are',
  async () => {
    fc.assert(
      fc.property(table, fc.array(fc.nat(12), { minLength: 1 }), ({ instants, header, rows }, sizes) => {
        const all = [header, ...rows]
        const source = Buffer.from(
          all.map((row) => `${row.map((cell) => cell.written).join(',')}\n`).join(''),
        )
        const { convert, rows: count } = createCsvLines(instants)
        const parts: Buffer[] = []
        for (let at = 0, n = 0; at < source.length; n += 1) {
          const size = (sizes[n % sizes.length] ?? 0) + 1
          parts.push(convert(source.subarray(at, at + size)))
          at += size
        }
        const wanted = all.map((row) => `${row.map((cell) => cell.wanted).join(',')}\r\n`).join('')
        return Buffer.concat(parts).toString() === wanted && count() === rows.length
      }),
      { numRuns: 2_000 },
    )
  },
)
