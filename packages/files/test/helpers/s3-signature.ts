import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** Whether a request carries AWS's signature, version 4, of itself: in its headers, or in its address as links do. */
export function hasS3Signature(request: IncomingMessage, secret: string): boolean {
  const [path = '', search = ''] = (request.url ?? '').split('?')
  const query = new URLSearchParams(search)
  const header = request.headers.authorization ?? ''
  const isLink = query.has('X-Amz-Signature')
  const part = (name: string) =>
    (isLink ? query.get(`X-Amz-${name}`) : new RegExp(`${name}=([^, ]+)`).exec(header)?.[1]) ?? ''
  const [, day = '', region = '', service = '', end = ''] = part('Credential').split('/')
  const names = part('SignedHeaders').split(';')
  const canonical = [
    request.method,
    path,
    search
      .split('&')
      .filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
      .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
      .sort()
      .join('&'),
    ...names.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}`),
    '',
    names.join(';'),
    isLink ? 'UNSIGNED-PAYLOAD' : request.headers['x-amz-content-sha256'],
  ].join('\n')
  const date = isLink ? part('Date') : request.headers['x-amz-date']
  const scope = `${day}/${region}/${service}/${end}`
  const signed = ['AWS4-HMAC-SHA256', date, scope, createHash('sha256').update(canonical).digest('hex')]
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), end)
  return hmac(key, signed.join('\n')).toString('hex') === part('Signature')
}
