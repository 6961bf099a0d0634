import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** The client's `X-Request-Id` if it is sane, else a new one. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID()
}
