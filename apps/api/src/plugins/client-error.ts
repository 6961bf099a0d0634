import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

const STATUS_OF: Readonly<Record<string, [status: number, code: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large', 'The headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout', 'The request took too long to arrive'],
}

/** Answers what is no HTTP request, before there is a request to answer, in the shape of every other error. */
export function sendClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, code, detail] = STATUS_OF[error.code ?? ''] ?? [400, 'malformed_request', 'This is no HTTP']
  const title = STATUS_CODES[status]
  const request_id = randomUUID()
  const body = { type: 'about:blank', title, status, detail, code, request_id, errors: [], message: detail }
  const text = JSON.stringify(body)
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    `X-Request-Id: ${request_id}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`)
}
