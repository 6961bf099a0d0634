import { Readable } from 'node:stream'
import { StoreFailed } from '../errors.ts'
import type { ByteRange } from './store.ts'

/** What is known of a body that a store sends. */
export interface Body {
  /** Names the store in errors. */
  store: string
  /** Milliseconds that the store may stay silent while we wait for it. */
  timeout: number
  /** The part that is wanted, where the store sent more than that: servers may ignore or misread Range. */
  cut?: ByteRange | undefined
}

/**
 * The bytes that a store sends, as a stream that fails with StoreFailed when it breaks off or falls silent. Only our waiting counts: a
 * client that reads slowly holds the store up, and that is not the store's fault.
 */
export function readBody(source: Readable, body: Body): Readable {
  const stream = Readable.from(pieces(source, body), { objectMode: false })
  // A reader that goes away does not wait for the piece that is on its way.
  stream.once('close', () => source.destroy())
  return stream
}

async function* pieces(source: Readable, { store, timeout, cut }: Body): AsyncGenerator<Buffer> {
  const { start, end } = cut ?? { start: 0, end: Number.POSITIVE_INFINITY }
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  for (let position = 0; position <= end; ) {
    const { value: chunk, done } = await nextWithin(timeout, store, source, chunks)
    if (done) return
    const piece = chunk.subarray(Math.max(0, start - position), Math.max(0, end + 1 - position))
    position += chunk.length
    if (piece.length > 0) yield piece
  }
}

async function nextWithin<T>(
  timeout: number,
  store: string,
  source: Readable,
  chunks: AsyncIterator<T>,
): Promise<IteratorResult<T>> {
  const timer = setTimeout(() => source.destroy(new Error('silent for too long')), timeout)
  try {
    return await chunks.next()
  } catch (error) {
    throw new StoreFailed(
      `${store}: the content broke off (${error instanceof Error ? error.message : error})`,
    )
  } finally {
    clearTimeout(timer)
  }
}
