import type { Readable } from 'node:stream'

/** Where time comes from; tests advance it. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

/** Bytes under keys. */
export interface FileStore {
  put(key: string, source: Readable | Buffer): Promise<{ bytes: number }>
  open(key: string, range?: { start: number; end: number }): Promise<Readable>
  remove(key: string): Promise<void>
  /** The size, or null when nothing is stored under the key. */
  stat(key: string): Promise<{ bytes: number } | null>
  list(): AsyncIterable<{ key: string; bytes: number; storedAt: Date }>
  /** Removes what dead processes left half written before then, where that is possible; answers how many. */
  sweepTemporary?(olderThan: Date): Promise<number>
}

/** The places that hold files, by the names that rows give them. */
export interface Stores {
  /** Where new files go. */
  readonly current: string
  readonly names: readonly string[]
  of(name: string): FileStore
}

/** A rendered preview of a picture: upright, without metadata, inside size × size pixels. */
export interface Thumbnail {
  size: number
  format: 'webp' | 'jpeg'
  data: Buffer
}

/** Makes every thumbnail of a picture; throws {@link PictureUnreadable} when no retry can help. */
export type ThumbnailMaker = (original: Buffer) => Promise<Thumbnail[]>

export class PictureUnreadable extends Error {
  override name = 'PictureUnreadable'
}

/**
 * Looks for malware: the signature found (null for none) and how many bytes were looked at. Throws {@link ScanImpossible}
 * when no retry can help, anything else to be tried again.
 */
export type FileScanner = (content: Readable) => Promise<{ signature: string | null; bytes: number }>

export class ScanImpossible extends Error {
  override name = 'ScanImpossible'
}

/** A mail ready to be rendered and sent. */
export interface OutgoingMail {
  deliveryId: string
  template: string
  to: string
  ticketId: number | null
  params: Record<string, unknown>
}

/** Renders and sends; throws {@link MailRejected} when no retry can help, anything else to be tried again. */
export type MailSender = (mail: OutgoingMail) => Promise<void>

export class MailRejected extends Error {
  override name = 'MailRejected'
}
