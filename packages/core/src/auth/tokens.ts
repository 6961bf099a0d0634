import { createHash, createHmac, randomBytes } from 'node:crypto'

/** A new secret of 256 bits, safe in URLs. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What is stored of a token. It has full entropy, so a plain SHA-256 is enough. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/**
 * The refresh token that follows another. It is derived, not drawn, so that requests which spend the same token
 * at the same moment are answered with the same successor although only hashes are stored.
 */
export function successorOf(token: string, secret: string): string {
  return createHmac('sha256', secret).update(`refresh-successor:${token}`).digest('base64url')
}
