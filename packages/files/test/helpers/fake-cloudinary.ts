import { EventEmitter } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import sharp from 'sharp'
import { hasToken, isSigned, readForm } from './cloudinary-protocol.ts'

/** What an answer should be instead of the right one, for tests of failure. */
export type Fault = 'error' | 'silence' | 'ignore-range' | 'break-off' | undefined

interface Asset {
  content: Buffer
  at: Date
}

/** Entries on a page of the listing, so that a few files make several. */
const PAGE = 3
const ACCOUNT = { cloud: 'demo', apiKey: 'key' }

/**
 * As much of Cloudinary as the store uses: signed uploads, downloads and removals of pictures and other files, the Admin API's
 * listing, and delivery by token. What is not signed, or signed wrongly, is refused.
 */
export async function fakeCloudinary(
  t: { teardown(end: () => void): void },
  apiSecret: string,
  authTokenKey = '00112233445566778899aabbccddeeff',
) {
  /** By kind and id, such as `raw/folder/ab/…`. */
  const assets = new Map<string, Asset>()
  const state: { fault: Fault } = { fault: undefined }
  const events = new EventEmitter()

  const server = createServer((incoming, response) => {
    events.emit('begun')
    handle(incoming, response).catch((error) => {
      events.emit('cut')
      response.destroy(error)
    })
  })

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://localhost')
    const [first, , ...rest] = url.pathname.slice(1).split('/')
    if (state.fault === 'silence') return
    if (first === ACCOUNT.cloud) return deliver(url, incoming, response)
    if (rest[0] === 'resources') return list(url, incoming, response)
    const [kind = '', action = ''] = rest
    const fields = action === 'download' ? Object.fromEntries(url.searchParams) : await readForm(incoming)
    if (state.fault === 'error') return json(response, 500, { error: { message: 'General error' } })
    if (!isSigned(fields, apiSecret)) return json(response, 401, { error: { message: 'Invalid Signature' } })
    if (fields.type !== 'authenticated') return json(response, 400, { error: { message: 'public' } })
    const id = `${kind}/${String(fields.public_id)}`

    if (action === 'upload') {
      const content = fields.file as Buffer
      if (kind === 'image' && !(await isPicture(content))) {
        return json(response, 400, { error: { message: 'Invalid image file' } })
      }
      assets.set(id, { content, at: new Date() })
      return json(response, 200, { public_id: fields.public_id, bytes: content.length })
    }
    if (action === 'destroy') {
      return json(response, 200, { result: assets.delete(id) ? 'ok' : 'not found' })
    }
    if (Number(fields.expires_at ?? Number.POSITIVE_INFINITY) * 1000 <= Date.now()) {
      return json(response, 401, { error: { message: 'Expired' } })
    }
    const name = fields.attachment === 'true' ? String(fields.target_filename) : undefined
    send(assets.get(id), incoming, response, name)
  }

  function list(url: URL, incoming: IncomingMessage, response: ServerResponse) {
    const login = Buffer.from(`${ACCOUNT.apiKey}:${apiSecret}`).toString('base64')
    if (state.fault === 'error') return json(response, 500, { error: { message: 'General error' } })
    if (incoming.headers.authorization !== `Basic ${login}`) {
      return json(response, 401, { error: { message: 'Invalid credentials' } })
    }
    const [kind, type] = url.pathname.split('/').slice(4)
    if (type !== 'authenticated') return json(response, 400, { error: { message: 'public' } })
    const from = Number(url.searchParams.get('next_cursor') ?? 0)
    const start = `${kind}/${url.searchParams.get('prefix') ?? ''}`
    const found = [...assets].filter(([id]) => id.startsWith(start))
    const resources = found.slice(from, from + PAGE).map(([id, { content, at }]) => ({
      public_id: id.slice(`${kind}/`.length),
      bytes: content.length,
      created_at: at.toISOString(),
    }))
    const more = from + PAGE < found.length ? { next_cursor: String(from + PAGE) } : {}
    return json(response, 200, { resources, ...more })
  }

  function deliver(url: URL, incoming: IncomingMessage, response: ServerResponse) {
    const [, id] = /^\/demo\/image\/authenticated\/f_auto,q_auto\/v1\/(.+)$/.exec(url.pathname) ?? []
    if (id === undefined || !hasToken(url, authTokenKey)) {
      return json(response, 401, { error: { message: 'No token' } })
    }
    return send(assets.get(`image/${id}`), incoming, response)
  }

  function send(
    asset: Asset | undefined,
    incoming: IncomingMessage,
    response: ServerResponse,
    name?: string,
  ) {
    if (!asset) return json(response, 404, { error: { message: 'Resource not found' } })
    const { content } = asset
    const headers =
      name === undefined
        ? {}
        : { 'content-disposition': `attachment; filename="${encodeURIComponent(name)}"` }
    if (state.fault === 'break-off') {
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 1))
      setImmediate(() => response.destroy())
      return
    }
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(incoming.headers.range ?? '') ?? []
    if (start === undefined || state.fault === 'ignore-range') {
      response.writeHead(200, { 'content-length': content.length, ...headers }).end(content)
      return
    }
    const part = content.subarray(Number(start), Number(end) + 1)
    if (part.length === 0) return json(response, 416, { error: { message: 'Range' } })
    const contentRange = `bytes ${start}-${Number(start) + part.length - 1}/${content.length}`
    response.writeHead(206, { 'content-range': contentRange, 'content-length': part.length }).end(part)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    /** The configuration of a store on it. */
    config: { cloudName: ACCOUNT.cloud, apiKey: ACCOUNT.apiKey, apiSecret, uploadPrefix: url },
    authTokenKey,
    assets,
    state,
    /** `begun` with every request, `cut` when one breaks off. */
    events,
  }
}

async function isPicture(content: Buffer): Promise<boolean> {
  return sharp(content)
    .stats()
    .then(
      () => true,
      () => false,
    )
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
