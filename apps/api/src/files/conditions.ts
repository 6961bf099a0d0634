import { DomainError } from '@servicedesk/core'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** First and last byte, both included. */
export interface Range {
  start: number
  end: number
}

/** Whether the client has this version already (`If-None-Match`). */
export function isKnown(request: FastifyRequest, etag: string): boolean {
  const header = request.headers['if-none-match'] ?? ''
  return header.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')))
}

/**
 * The one range that is asked for; null for none, for several, and where `If-Range` names another version.
 * @throws DomainError 416, having said how many bytes there are
 */
export function rangeOf(
  request: FastifyRequest,
  reply: FastifyReply,
  file: { bytes: number; etag: string },
): Range | null {
  const condition = request.headers['if-range']
  if (condition !== undefined && condition !== file.etag) return null
  const range = parseRange(request.headers.range, file.bytes)
  if (range !== 'bad') return range
  reply.header('Content-Range', `bytes */${file.bytes}`)
  throw new DomainError('range', 'range_not_satisfiable', `The file has ${file.bytes} bytes`)
}

/** Null for no range or an invalid one, 'bad' for one outside the file. */
function parseRange(header: string | undefined, size: number): Range | null | 'bad' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return null
  const [first, last] = [match[1] ?? '', match[2] ?? '']
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  // RFC 9110, 14.1.1: a range that ends before it begins is as good as none.
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null
  return start >= size ? 'bad' : { start, end }
}
