import { once } from 'node:events'
import { Readable } from 'node:stream'
import { type FileRow, thumbnailKey } from '@servicedesk/core'
import { contentDisposition, FileMissing, type FileStore } from '@servicedesk/files'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RouteDeps } from '../shared/route-deps.ts'
import { isKnown, type Range, rangeOf } from './conditions.ts'

/** What every answer with somebody's bytes says: nothing in it runs, nobody guesses its type. */
const SAFE = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
}
/** How long the address lives that a redirect leads to. */
const REDIRECT_SECONDS = 60

/** What is sent, from where, and how it is to be taken. */
interface Content {
  key: string
  /** Undefined where no row says it; then there are no ranges. */
  bytes?: number
  etag: string
  mimeType: string
  filename: string
  disposition: 'attachment' | 'inline'
  headers: Record<string, string>
  /** Seconds after which nobody may read it any more. */
  expiresIn: number
}

/** Sends a file to somebody who may see it: streamed, whole or the range that was asked for, or by a redirect to the store. */
export async function sendFile(deps: RouteDeps, request: FastifyRequest, reply: FastifyReply, row: FileRow) {
  const headers = { 'Cache-Control': 'no-store' }
  const how = { disposition: 'attachment', headers, expiresIn: REDIRECT_SECONDS } as const
  return send(deps, request, reply, row.store, { ...original(row), ...how })
}

/**
 * Sends a file to whoever has its signed link: to be shown, by pages of any origin, and kept no longer than the link lives.
 * @param expiresIn seconds that the link still lives
 */
export async function sendLinked(
  deps: RouteDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  row: FileRow,
  expiresIn: number,
) {
  const headers = {
    'Cache-Control': `private, max-age=${expiresIn}`,
    // The one kind of answer that pages of another origin may embed.
    'Cross-Origin-Resource-Policy': 'cross-origin',
  }
  return send(deps, request, reply, row.store, {
    ...original(row),
    // A page that somebody uploaded must not show itself under our address.
    disposition: row.mime_type.startsWith('image/') ? 'inline' : 'attachment',
    headers,
    expiresIn: Math.min(expiresIn, REDIRECT_SECONDS),
  })
}

/** Sends a thumbnail that is in the store. */
export async function sendThumbnail(
  deps: RouteDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  row: FileRow,
  { size, format }: { size: number; format: 'webp' | 'jpeg' },
) {
  // What CORS wrote there must stay: a cached answer is for one origin.
  const vary = [reply.getHeader('Vary'), 'Accept'].filter(Boolean)
  return send(deps, request, reply, row.store, {
    key: thumbnailKey(row.storage_key, size, format),
    etag: `"${row.sha256.slice(0, 32)}-${size}-${format}"`,
    mimeType: `image/${format}`,
    filename: `${row.filename}.${format}`,
    disposition: 'inline',
    headers: { 'Cache-Control': 'no-store', Vary: vary.join(', ') },
    expiresIn: REDIRECT_SECONDS,
  })
}

const original = (row: FileRow) => ({
  key: row.storage_key,
  bytes: row.bytes,
  etag: `"${row.sha256.slice(0, 32)}"`,
  mimeType: row.mime_type,
  filename: row.filename,
})

/** A file of tickets, to the one who asked for it. */
export async function sendExport(
  deps: RouteDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { id, store, key, bytes }: { id: string; store: string; key: string; bytes: number },
) {
  return send(deps, request, reply, store, {
    key,
    bytes,
    etag: `"${id}"`,
    mimeType: 'text/csv; charset=utf-8',
    filename: 'tickets.csv',
    disposition: 'attachment',
    headers: { 'Cache-Control': 'no-store' },
    expiresIn: REDIRECT_SECONDS,
  })
}

async function send(
  deps: RouteDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  storeName: string,
  content: Content,
) {
  const { key, bytes, etag, headers } = content
  const store = deps.stores.of(storeName)
  if (isKnown(request, etag))
    return reply
      .code(304)
      .headers({ ...headers, ETag: etag })
      .send()
  if (deps.config.filesDelivery === 'redirect' && store.link) {
    // Elsewhere there is no sandbox: only pictures are shown there, everything else is saved.
    const disposition = content.mimeType.startsWith('image/') ? content.disposition : 'attachment'
    const address = await store.link(key, { ...content, disposition })
    return reply.headers({ ...headers, 'Cache-Control': 'no-store' }).redirect(address, 302)
  }
  const range = bytes === undefined ? null : rangeOf(request, reply, { bytes, etag })
  // Before anything is said, so that a failure is an answer of its own.
  const stream = await (request.method === 'HEAD' ? check(store, key) : begin(store, key, range))
  // The deadline has answered already, or nobody waits any more: nobody would read it.
  if (reply.sent || reply.raw.destroyed) {
    stream.destroy()
    return reply
  }
  reply.headers({
    ...SAFE,
    ...headers,
    'Content-Disposition': contentDisposition(content.disposition, content.filename),
    ETag: etag,
  })
  reply.type(content.mimeType)
  if (bytes === undefined) return reply.send(stream)
  reply.header('Accept-Ranges', 'bytes')
  if (range === null) return reply.header('Content-Length', bytes).send(stream)
  return reply
    .code(206)
    .header('Content-Range', `bytes ${range.start}-${range.end}/${bytes}`)
    .header('Content-Length', range.end - range.start + 1)
    .send(stream)
}

/** The content, of which something has arrived already. @throws FileMissing, StoreFailed */
async function begin(store: FileStore, key: string, range: Range | null): Promise<Readable> {
  const stream = await store.open(key, range ?? undefined)
  await once(stream, 'readable')
  return stream
}

/** Nothing, once the content is known to be there. @throws FileMissing, StoreFailed */
async function check(store: FileStore, key: string): Promise<Readable> {
  if ((await store.stat(key)) === null) throw new FileMissing(key)
  return Readable.from([])
}
