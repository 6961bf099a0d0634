import { Readable } from 'node:stream'

/** What a `put` reads, watched on the way. */
export interface UploadSource {
  /** The content, to be read once. */
  body: Readable
  /** How much of it has been read. */
  bytes(): number
  /** Throws why a `put` failed: the source's own error where that came first, or else the given one. */
  fail(failure: unknown): never
}

/**
 * Watches a source. To be called first in `put`: a source may fail before anybody reads it, and an error that nobody listens to
 * ends the process. Reading it later still fails.
 */
export function watchSource(source: Readable | Buffer): UploadSource {
  const stream = Buffer.isBuffer(source) ? Readable.from([source], { objectMode: false }) : source
  stream.on('error', () => {})
  let bytes = 0
  let failed: { error: unknown } | undefined

  async function* chunks(): AsyncGenerator<Buffer> {
    const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    try {
      for (;;) {
        // Only this is the source's failure: streams throw their own into a generator at its yield.
        const { value, done } = await iterator.next().catch((error: unknown) => {
          failed ??= { error }
          throw error
        })
        if (done) return
        bytes += value.length
        yield value
      }
    } finally {
      await iterator.return?.()
    }
  }
  const body = Readable.from(chunks(), { objectMode: false })
  body.on('error', () => {})
  return {
    body,
    bytes: () => bytes,
    fail(failure) {
      throw failed ? failed.error : failure
    },
  }
}
