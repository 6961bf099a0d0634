import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a link shows: the original or one of its thumbnails. */
export type FileVariant = 'original' | `thumb-${number}`

export interface FileLink {
  id: string
  variant: FileVariant
  /** Shown at the end of the address, so that it ends in `.<ext>`. */
  name: string
  /** The link dies at this instant; whole seconds. */
  expiresAt: Date
}

export type LinkVerdict =
  | { ok: true; variant: FileVariant; expiresAt: Date }
  | { ok: false; reason: 'malformed' | 'forged' | 'expired' }

// Says what is signed, so that no signature made elsewhere with the same secret fits here.
const PURPOSE = 'servicedesk file link v1'
const TOKEN = /^(original|thumb-\d{1,4})\.([1-9]\d{0,11})\.([\w-]{43})$/

/**
 * The end of an address that lets anybody who has it read one file for a while:
 * `<id>/<variant>.<expiry in Unix seconds>.<HMAC-SHA256, base64url>/<name>`. Everything lies in the path, because
 * clients tell pictures by the end of an address.
 */
export function signFileLink(secret: string, link: FileLink): string {
  const expiry = Math.floor(link.expiresAt.getTime() / 1000)
  const signature = sign(secret, link.id, link.variant, expiry, link.name)
  return `${encodeURIComponent(link.id)}/${link.variant}.${expiry}.${signature}/${encodeURIComponent(link.name)}`
}

/** Checks the decoded segments of a signed link's path. The signature is compared in constant time. */
export function verifyFileLink(
  secret: string,
  link: { id: string; token: string; name: string },
  now: Date,
): LinkVerdict {
  const [, variant, expiryText, signature] = TOKEN.exec(link.token) ?? []
  if (variant === undefined || expiryText === undefined || signature === undefined) {
    return { ok: false, reason: 'malformed' }
  }
  const expiry = Number(expiryText)
  const expected = sign(secret, link.id, variant, expiry, link.name)
  // Both are 43 bytes of ASCII, as timingSafeEqual demands.
  if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return { ok: false, reason: 'forged' }
  const expiresAt = new Date(expiry * 1000)
  if (now >= expiresAt) return { ok: false, reason: 'expired' }
  return { ok: true, variant: variant as FileVariant, expiresAt }
}

/**
 * An expiry between `seconds` and twice that from now, on a step of `seconds`: links made within one step are
 * the same, so a browser that shows a conversation again finds its pictures in its cache.
 */
export function linkExpiry(now: Date, seconds: number): Date {
  return new Date(Math.ceil(now.getTime() / 1000 / seconds + 1) * seconds * 1000)
}

function sign(secret: string, id: string, variant: string, expiry: number, name: string): string {
  const message = JSON.stringify([PURPOSE, id, variant, expiry, name])
  return createHmac('sha256', secret).update(message).digest('base64url')
}
