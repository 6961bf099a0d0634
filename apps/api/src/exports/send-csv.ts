import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

export const CSV_HEADERS = {
  'Content-Type': 'text/csv; charset=utf-8',
  'Content-Disposition': 'attachment; filename=tickets.csv',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
}

/**
 * Streams CSV to whoever reads it, at their pace. What fails before the first byte is an answer of its own; afterwards the
 * connection breaks, so that no part of a file looks whole. A client that goes away ends the stream.
 */
export async function sendCsv(reply: FastifyReply, stream: Readable) {
  const { raw } = reply
  const hangUp = () => stream.destroy()
  raw.once('close', hangUp)
  if (raw.destroyed) hangUp()
  await once(stream, 'readable')
  // The deadline has answered already, or nobody waits any more.
  if (reply.sent || raw.destroyed) {
    hangUp()
    return reply
  }
  return reply.headers(CSV_HEADERS).send(stream)
}
