const [QUOTE, LF, CR] = [0x22, 0x0a, 0x0d]

export interface CsvLines {
  /** Turns the line feeds that end rows into CRLF. Chunks may end anywhere, in the middle of a quoted cell too. */
  convert(chunk: Buffer): Buffer
  /** Rows that have ended so far, the header not counted. */
  rows(): number
}

/** What PostgreSQL writes as CSV, as RFC 4180 wants it: rows end with CRLF; line feeds inside of quotes are the cell's own. */
export function createCsvLines(): CsvLines {
  let isQuoted = false
  let lines = 0
  return {
    convert(chunk) {
      // At the very most every byte ends a row.
      const out = Buffer.allocUnsafe(chunk.length * 2)
      let length = 0
      for (let n = 0; n < chunk.length; n += 1) {
        const byte = chunk[n] ?? 0
        if (byte === QUOTE) isQuoted = !isQuoted
        else if (byte === LF && !isQuoted) {
          out[length++] = CR
          lines += 1
        }
        out[length++] = byte
      }
      return out.subarray(0, length)
    },
    rows: () => Math.max(0, lines - 1),
  }
}
