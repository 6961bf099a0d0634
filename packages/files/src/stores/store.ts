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

/** How a store should answer a link. */
export interface LinkOptions {
  /** Whole seconds; then the link is dead. */
  expiresIn: number
  filename: string
  mimeType: string
  disposition: 'attachment' | 'inline'
}

/**
 * Where file contents live. Keys are checked by every operation (see `assertKey`). Everything throws StoreFailed when the
 * store is away, silent or unwilling; what `open` gave then fails while it is read.
 */
export interface FileStore {
  /**
   * Stores everything that `source` gives, replacing what the key held. All or nothing: when the source fails or
   * ends too soon, the key is as it was before, and the source's error is thrown. Answers the size in bytes.
   * @param about says that the content is a picture, which some stores keep apart; a key keeps its kind
   * @throws FileRefused when the store looks at pictures and cannot read this one
   */
  put(key: string, source: Readable | Buffer, about?: { isPicture?: boolean }): Promise<{ bytes: number }>
  /**
   * The content, or the part of it in `range`; nothing for a range behind the end. The caller reads or destroys it.
   * Throws FileMissing.
   */
  open(key: string, range?: ByteRange): Promise<Readable>
  /** The size in bytes, or null when nothing is stored under the key. */
  stat(key: string): Promise<{ bytes: number } | null>
  /** Removes the file if it is there. */
  remove(key: string): Promise<void>
  /** Everything that is stored, in no particular order; what comes or goes meanwhile may be missed. */
  list(): AsyncIterable<StoredObject>
  /**
   * An address that gives the content to whoever has it until it expires, straight from the store; whether it is there is not asked.
   * Stores that nobody else can reach have none.
   */
  link?(key: string, options: LinkOptions): Promise<string>
  /** Removes what dead processes left half written before `olderThan`, where that is possible; answers how many files. */
  sweepTemporary?(olderThan: Date): Promise<number>
}
