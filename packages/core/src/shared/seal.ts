import { createHmac, timingSafeEqual } from 'node:crypto'
import { invalid } from './errors.ts'

/** Half of what SHA-256 has: nobody gets to try often enough. */
const TAG_BYTES = 16

/** Makes cursors that only this desk could have made, and reads them. */
export interface CursorSeal {
  /** The value as a text for URLs. @param list which list it is of: no other opens it */
  seal(list: string, value: unknown): string
  /** The value that was sealed. @throws DomainError 400 for whatever was not, or not for this list */
  open(list: string, cursor: string): unknown
}

/**
 * Cursors are JSON with an HMAC-SHA256 behind a dot (both base64url). What a desk made itself it may believe: filters inside are
 * run, and keys are cast by PostgreSQL.
 * @param secret the desk's own, the same on every node
 */
export function createCursorSeal(secret: string): CursorSeal {
  const tagOf = (list: string, text: string) =>
    createHmac('sha256', secret).update(`cursor:${list}:${text}`).digest().subarray(0, TAG_BYTES)
  return {
    seal(list, value) {
      const text = Buffer.from(JSON.stringify(value)).toString('base64url')
      return `${text}.${tagOf(list, text).toString('base64url')}`
    },
    open(list, cursor) {
      const [text = '', tag = '', ...more] = cursor.split('.')
      const given = Buffer.from(tag, 'base64url')
      const isOurs =
        more.length === 0 &&
        given.length === TAG_BYTES &&
        // Decoding passes over what is no base64url, so that other texts would do too.
        given.toString('base64url') === tag &&
        timingSafeEqual(given, tagOf(list, text))
      if (!isOurs) throw invalid('cursor', 'is not a cursor of this list')
      return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    },
  }
}
