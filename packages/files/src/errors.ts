/** Why a file is turned away: the first two are about what it is, the others about how much of it there is. */
export type RefusalCode = 'unsupported_type' | 'type_mismatch' | 'too_large' | 'empty'

/** An upload that breaks the rules of contract and table. The message is fit for the person who sent it. */
export class FileRefused extends Error {
  readonly code: RefusalCode

  constructor(code: RefusalCode, message: string) {
    super(message)
    this.name = 'FileRefused'
    this.code = code
  }
}

/** A key that the store does not hold. */
export class FileMissing extends Error {
  readonly key: string

  constructor(key: string) {
    super(`No file is stored under ${key}`)
    this.name = 'FileMissing'
    this.key = key
  }
}

/** A store that rows name and this process has no settings for. */
export class StoreUnknown extends Error {
  readonly store: string

  constructor(store: string) {
    super(`No settings for the file store ${store}: name it in STORAGE_OLDER_URLS`)
    this.store = store
    this.name = 'StoreUnknown'
  }
}

/** A store that did not do what was asked: it is away, silent, full or refuses us. The message holds no secret. */
export class StoreFailed extends Error {
  override name = 'StoreFailed'
}

/** A picture that can never have a thumbnail: trying again would give the same answer. */
export class ThumbnailImpossible extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options)
    this.name = 'ThumbnailImpossible'
  }
}

/** clamd is down, hangs, breaks off or says what nobody understands: nothing is known of the content, try again. */
export class ClamdUnavailable extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(`clamd ${message}`, options)
    this.name = 'ClamdUnavailable'
  }
}

/** Content beyond clamd's limits: trying again would give the same answer. */
export class StreamTooLong extends Error {
  constructor(answer: string) {
    super(`The file is beyond the scanner's limits (${answer})`)
    this.name = 'StreamTooLong'
  }
}
