const [QUOTE, LF, CR, COMMA, T, Z] = Buffer.from('"\n\r,TZ')
/** Where PostgreSQL has a blank between date and time, and where the seconds end: `2026-11-29 06:52:05.123456+00`. */
const [BLANK_AT, SECONDS_END] = [10, 19]

export interface CsvLines {
  /**
   * Turns the line feeds that end rows into CRLF, and instants into ISO 8601 to the second. Chunks may end anywhere, in the
   * middle of a quoted cell too.
   */
  convert(chunk: Buffer): Buffer
  /** Rows that have ended so far, the header not counted. */
  rows(): number
}

/**
 * What PostgreSQL writes as CSV with a header, as RFC 4180 wants it: rows end with CRLF; line feeds inside of quotes are the
 * cell's own. Instants are rewritten here because PostgreSQL takes as long for six of them as for all the rest of a row.
 * @param instants the columns, from 0, that have a `timestamptz` of the years 1 to 9999, written in UTC, or nothing
 */
export function createCsvLines(instants: ReadonlySet<number>): CsvLines {
  let isQuoted = false
  let lines = 0
  let column = 0
  /** How much of an instant's cell has come; -1 in cells that are none. */
  let at = -1
  /** Written into again and again; what is handed out is no larger than it must be. */
  let out = Buffer.alloc(0)
  const cellStart = () => (lines > 0 && instants.has(column) ? 0 : -1)
  return {
    convert(chunk) {
      // At the very most every byte ends a row.
      if (out.length < chunk.length * 2) out = Buffer.allocUnsafeSlow(chunk.length * 2)
      let length = 0
      for (let n = 0; n < chunk.length; n += 1) {
        const byte = chunk[n] ?? 0
        if (byte === QUOTE) isQuoted = !isQuoted
        else if (isQuoted) {
          out[length++] = byte
          continue
        } else if (byte === LF) {
          out[length++] = CR ?? 0
          lines += 1
          column = 0
          at = cellStart()
        } else if (byte === COMMA) {
          column += 1
          at = cellStart()
        } else if (at >= 0) {
          if (at < SECONDS_END) out[length++] = at === BLANK_AT ? (T ?? 0) : byte
          else if (at === SECONDS_END) out[length++] = Z ?? 0
          at += 1
          continue
        }
        out[length++] = byte
      }
      return Buffer.from(out.subarray(0, length))
    },
    rows: () => Math.max(0, lines - 1),
  }
}
