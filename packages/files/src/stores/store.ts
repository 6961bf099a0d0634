import type { Readable } from 'node:stream'

/** Bytes of a file, both ends included and counted from 0, as in HTTP's Range. */
export interface ByteRange {
  start: number
  end: number
}

/** One entry of a store's listing. */
export interface StoredObject {
  key: string
  bytes: number
  /** When it was stored, by the store's clock. */
  storedAt: Date
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
  /** Everything that is stored, in no particular order; what comes or goes meanwhile may be missed. */
  list(): AsyncIterable<StoredObject>
  /** Removes what dead processes left half written before `olderThan`, where that is possible; answers how many files. */
  sweepTemporary?(olderThan: Date): Promise<number>
}

/**
 * To be called first in `put`: a source may fail before anybody reads it, and an error that nobody listens to
 * ends the process. Reading it later still fails.
 */
export function expectFailure(source: Readable | Buffer): void {
  if (!Buffer.isBuffer(source)) source.on('error', () => {})
}
