import { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** What an answer should be instead of the right one, for tests of failure. */
export type Fault = 'error' | 'silence' | 'ignore-range' | undefined

/** As much of Cloudinary's upload API as the store uses: signed uploads, downloads and removals of raw files. */
export async function fakeCloudinary(t: { teardown(end: () => void): void }, apiSecret: string) {
  const files = new Map<string, Buffer>()
  const state: { fault: Fault } = { fault: undefined }
  const events = new EventEmitter()

  const server = createServer((incoming, response) => {
    events.emit('begun')
    handle(incoming, response).catch(() => events.emit('cut'))
  })

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://localhost')
    const action = url.pathname.replace('/v1_1/demo/raw/', '')
    if (state.fault === 'silence') return
    const fields = action === 'download' ? Object.fromEntries(url.searchParams) : await readForm(incoming)
    if (state.fault === 'error') return json(response, 500, { error: { message: 'General error' } })
    if (!isSigned(fields, apiSecret)) return json(response, 401, { error: { message: 'Invalid Signature' } })
    if (fields.type !== 'authenticated') return json(response, 400, { error: { message: 'public' } })
    const key = String(fields.public_id)

    if (action === 'upload') {
      files.set(key, fields.file as Buffer)
      return json(response, 200, { public_id: key, bytes: (fields.file as Buffer).length })
    }
    if (action === 'destroy') return json(response, 200, { result: files.delete(key) ? 'ok' : 'not found' })

    const content = files.get(key)
    if (!content) return json(response, 404, { error: { message: 'Resource not found' } })
    const range = /^bytes=(\d+)-(\d+)$/.exec(incoming.headers.range ?? '')
    if (!range || state.fault === 'ignore-range') {
      response.writeHead(200, { 'content-length': content.length }).end(content)
      return
    }
    const part = content.subarray(Number(range[1]), Number(range[2]) + 1)
    const contentRange = `bytes ${range[1]}-${Number(range[1]) + part.length - 1}/${content.length}`
    response.writeHead(206, { 'content-range': contentRange, 'content-length': part.length }).end(part)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    files,
    state,
    /** `begun` with every request, `cut` when one breaks off. */
    events,
  }
}

async function readForm(incoming: IncomingMessage): Promise<Record<string, string | Buffer>> {
  const body = await buffer(incoming)
  const boundary = /boundary=(.+)$/.exec(incoming.headers['content-type'] ?? '')?.[1] ?? ''
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

/** Cloudinary's rule: the parameters in order of name, joined like a query, with the secret behind them. */
function isSigned(fields: Record<string, string | Buffer>, secret: string): boolean {
  const { signature, api_key: _, file: __, ...signed } = fields
  const query = Object.entries(signed)
    .map(([name, value]) => `${name}=${String(value)}`)
    .sort()
    .join('&')
  return (
    createHash('sha1')
      .update(query + secret)
      .digest('hex') === signature
  )
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
