const MAX_BYTES = 255
const MAX_EXTENSION_BYTES = 32

// C0 and C1 controls, line and paragraph separators, half surrogates, the invisible marks that turn text
// around (a name ending in "gpj.exe" can be made to read "exe.jpg"), and the byte order mark.
const UNSAFE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu

/** The last extension of a name, in lower case and without its dot; empty when there is none. */
export function extensionOf(filename: string): string {
  const dot = filename.lastIndexOf('.')
  return dot <= 0 ? '' : filename.slice(dot + 1).toLowerCase()
}

/**
 * The name that a client gave a file, made safe to store, show and send back: the last part of a path, without
 * control characters and bidirectional overrides, without dots and spaces at its ends, at most 255 bytes of
 * UTF-8 with the extension kept. Letters of every script stay. Never empty; safe names come back unchanged.
 */
export function safeFilename(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  const clean = trimEnds(base.replace(UNSAFE, '').normalize('NFC'))
  if (clean === '') return 'file'
  if (Buffer.byteLength(clean) <= MAX_BYTES) return clean

  const dot = clean.lastIndexOf('.')
  const extension = dot > 0 ? clean.slice(dot) : ''
  const keep = Buffer.byteLength(extension) <= MAX_EXTENSION_BYTES ? extension : ''
  const stem = keep === '' ? clean : clean.slice(0, dot)
  return trimEnds(cutToBytes(stem, MAX_BYTES - Buffer.byteLength(keep))) + keep
}

/** Leading dots hide a file; trailing dots and spaces vanish on Windows, and an extension could hide there. */
function trimEnds(name: string): string {
  return name.replace(/^[\s.]+/u, '').replace(/[\s.]+$/u, '')
}

/** The longest start of `text` that fits in `bytes` of UTF-8 and splits no character. */
function cutToBytes(text: string, bytes: number): string {
  let used = 0
  let end = 0
  for (const character of text) {
    used += Buffer.byteLength(character)
    if (used > bytes) break
    end += character.length
  }
  return text.slice(0, end)
}

/** The value of `Content-Disposition`: a name that is plain for old clients and whole, in UTF-8, for the others (RFC 6266). */
export function contentDisposition(kind: 'attachment' | 'inline', filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\]/g, '_')
  const encoded = encodeURIComponent(filename).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`
}
