import { Readable } from 'node:stream'
import type { ByteRange } from './store.ts'

/** The bytes of `source` that lie in the range, for a server that sent the whole file instead. */
export function cutToRange(source: Readable, { start, end }: ByteRange): Readable {
  async function* part(): AsyncGenerator<Buffer> {
    let position = 0
    for await (const chunk of source as AsyncIterable<Buffer>) {
      const piece = chunk.subarray(Math.max(0, start - position), Math.max(0, end + 1 - position))
      position += chunk.length
      if (piece.length > 0) yield piece
      if (position > end) return
    }
  }
  return Readable.from(part(), { objectMode: false })
}
