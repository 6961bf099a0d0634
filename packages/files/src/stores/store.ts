import type { Readable } from 'node:stream'

/** Bytes of a file, both ends included and counted from 0, as in HTTP's Range. */
export interface ByteRange {
  start: number
  end: number
}

/** Where file contents live. Keys are checked by every operation (see `assertKey`). */
export interface FileStore {
  /**
   * Stores everything that `source` gives, replacing what the key held. All or nothing: when the source fails or
   * ends too soon, the key is as it was before. Answers the size in bytes.
   */
  put(key: string, source: Readable | Buffer): Promise<{ bytes: number }>
  /** The content, or the part of it in `range`. The caller reads or destroys it. Throws FileMissing. */
  open(key: string, range?: ByteRange): Promise<Readable>
  /** The size in bytes, or null when nothing is stored under the key. */
  stat(key: string): Promise<{ bytes: number } | null>
  /** Removes the file if it is there. */
  remove(key: string): Promise<void>
}

/**
 * To be called first in `put`: a source may fail before anybody reads it, and an error that nobody listens to
 * ends the process. Reading it later still fails.
 */
export function expectFailure(source: Readable | Buffer): void {
  if (!Buffer.isBuffer(source)) source.on('error', () => {})
}
