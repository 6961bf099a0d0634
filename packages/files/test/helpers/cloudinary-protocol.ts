import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** The fields of a form that the SDK sends; `file` as bytes. */
export async function readForm(incoming: IncomingMessage): Promise<Record<string, string | Buffer>> {
  const body = await buffer(incoming)
  const boundary = /boundary=(.+)$/.exec(incoming.headers['content-type'] ?? '')?.[1]
  if (boundary === undefined) return Object.fromEntries(new URLSearchParams(body.toString()))
  const fields: Record<string, string | Buffer> = {}
  for (const part of body.toString('latin1').split(`--${boundary}`).slice(1, -1)) {
    const [head = '', ...rest] = part.split('\r\n\r\n')
    const content = rest.join('\r\n\r\n').replace(/\r\n$/, '')
    const name = /name="([^"]+)"/.exec(head)?.[1] ?? ''
    const bytes = Buffer.from(content, 'latin1')
    fields[name] = name === 'file' ? bytes : bytes.toString()
  }
  return fields
}

/**
 * Cloudinary's rule: the parameters in order of name, joined like a query, with the secret behind them. An & in a value is
 * escaped, so that no value can pass for another parameter.
 */
export function isSigned(fields: Record<string, string | Buffer>, secret: string): boolean {
  const { signature, api_key: _, file: __, ...signed } = fields
  const query = Object.entries(signed)
    .map(([name, value]) => `${name}=${String(value)}`.replaceAll('&', '%26'))
    .sort()
    .join('&')
  return (
    createHash('sha1')
      .update(query + secret)
      .digest('hex') === signature
  )
}

/** Whether an address of the delivery network has a token for its own path that has not expired. */
export function hasToken(url: URL, key: string): boolean {
  const token = url.searchParams.get('__cld_token__') ?? ''
  const [, expiry, hmac] = /^exp=(\d+)~hmac=([0-9a-f]{64})$/.exec(token) ?? []
  if (expiry === undefined || Number(expiry) * 1000 <= Date.now()) return false
  const path = url.pathname.replace(/[ "#%&'/:;<=>?@[\]^`{|}~]+/g, (text) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  )
  const signed = createHmac('sha256', Buffer.from(key, 'hex')).update(`exp=${expiry}~url=${path}`)
  return signed.digest('hex') === hmac
}
