import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'

const desk = await createTestDesk(t)
const { port } = new URL(await desk.app.listen({ host: '127.0.0.1', port: 0 }))

async function raw(request: string) {
  const socket = connect(Number(port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write(request)
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
  return { head, body: JSON.parse(body) }
}

t.test('what is no HTTP request gets an error of the same shape', async (t) => {
  for (const request of [
    'GET /api/v1/tickets?q=\0 HTTP/1.1\r\nHost: x\r\n\r\n',
    'FOO / HTTP/1.1\r\nHost: x\r\n\r\n',
    'garbage\r\n\r\n',
  ]) {
    const { head, body } = await raw(request)
    t.match(head, /^HTTP\/1\.1 400 Bad Request\r\n/, request)
    t.match(body, { type: 'about:blank', status: 400, code: 'malformed_request', errors: [] })
    t.ok(head.includes(`X-Request-Id: ${body.request_id}`))
    t.equal(body.message, body.detail)
  }
})

t.test('headers without end are 431', async (t) => {
  const { head, body } = await raw(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(70_000)}\r\n\r\n`)
  t.match(head, /^HTTP\/1\.1 431 /)
  t.match(body, { status: 431, code: 'headers_too_large' })
})
