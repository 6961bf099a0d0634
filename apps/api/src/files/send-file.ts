import type { FileRow } from '@servicedesk/core'
import { DomainError, thumbnailKey } from '@servicedesk/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RouteDeps } from '../shared/route-deps.ts'

/** What every answer with somebody's bytes says: nothing in it runs, nobody guesses its type. */
const SAFE = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
}

/** A name in `Content-Disposition`: plain for old clients, UTF-8 for the others (RFC 6266). */
function disposition(kind: 'attachment' | 'inline', filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\]/g, '_')
  const encoded = encodeURIComponent(filename).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`
}

/** One `bytes=` range as first and last byte; null for none or an invalid one, 'bad' for one outside the file. */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | null | 'bad' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return null
  const [first, last] = [match[1] ?? '', match[2] ?? '']
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  // RFC 9110, 14.1.1: a range that ends before it begins is as good as none.
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null
  return start >= size ? 'bad' : { start, end }
}

/** Streams a file's content, whole or the range that was asked for. */
export async function sendFile(
  deps: RouteDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  row: FileRow,
  kind: 'attachment' | 'inline' = 'attachment',
) {
  const range = parseRange(request.headers.range, row.bytes)
  if (range === 'bad') {
    reply.header('Content-Range', `bytes */${row.bytes}`)
    throw new DomainError('range', 'range_not_satisfiable', `The file has ${row.bytes} bytes`)
  }
  const stream = await deps.stores.of(row.store).open(row.storage_key, range ?? undefined)
  reply.headers({
    ...SAFE,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, max-age=0, must-revalidate',
    'Content-Disposition': disposition(kind, row.filename),
    ETag: `"${row.sha256.slice(0, 32)}"`,
  })
  reply.type(row.mime_type)
  if (range === null) return reply.header('Content-Length', row.bytes).send(stream)
  return reply
    .code(206)
    .header('Content-Range', `bytes ${range.start}-${range.end}/${row.bytes}`)
    .header('Content-Length', range.end - range.start + 1)
    .send(stream)
}

/** Streams a thumbnail that is in the store. */
export async function sendThumbnail(
  deps: RouteDeps,
  reply: FastifyReply,
  row: FileRow,
  size: number,
  format: 'webp' | 'jpeg',
) {
  const stream = await deps.stores.of(row.store).open(thumbnailKey(row.storage_key, size, format))
  // What CORS wrote there must stay: a cached answer is for one origin.
  const vary = [reply.getHeader('Vary'), 'Accept'].filter(Boolean)
  return reply
    .headers({ ...SAFE, 'Cache-Control': 'private, max-age=86400', Vary: vary.join(', ') })
    .type(`image/${format}`)
    .send(stream)
}
