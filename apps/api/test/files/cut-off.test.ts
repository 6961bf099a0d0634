import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { createTestDesk, until } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { A_TICKET, makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const requester = await desk.person('Normal User')
const send = sender(desk, requester)
const ticket = await makeTicket(send)
await desk.app.listen({ port: 0, host: '127.0.0.1' })
const { port } = desk.app.server.address() as AddressInfo
/** Requests that the server has not seen the end of. */
let underWay = 0
desk.app.server.on('request', (_request, response) => {
  underWay += 1
  response.once('close', () => {
    underWay -= 1
  })
})

const FIRST = { name: 'first.log', content: Buffer.alloc(300_000, 'first\n') }
const SECOND = { name: 'second.log', content: Buffer.alloc(300_000, 'second\n') }

/** Sends the beginning of a request, and goes away once `reached` is true. */
async function sendAndLeave(
  path: string,
  parts: Awaited<ReturnType<typeof form>>,
  bytes: number,
  reached: () => boolean,
) {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const headers = {
    host: 'desk.test',
    ...desk.as(requester),
    ...parts.headers,
    'content-length': String(parts.payload.length),
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`POST /api/v1${path} HTTP/1.1\r\n${head.join('')}\r\n`)
  socket.write(parts.payload.subarray(0, bytes))
  await until('the server has got so far', async () => underWay === 1 && reached())
  const closed = once(socket, 'close')
  socket.destroy()
  await closed
  await until('the server has let go of it', async () => underWay === 0)
}

for (const [path, fields] of [
  ['/tickets', A_TICKET],
  ['/files/upload', { ticket_id: `${ticket.id}` }],
  ['/upload/image', { ticket_id: `${ticket.id}` }],
  ['/files/validate', {}],
] as const) {
  t.test(`POST ${path}: a client that goes away leaves no file and no row`, async (t) => {
    const stores = path !== '/files/validate'
    const parts = await form(fields, [FIRST, SECOND])
    const before = await contentOf(desk)
    const inFirst = 150_000
    const inSecond = parts.payload.length - 150_000
    const nameOfFirst = parts.payload.indexOf('first.log') + 4
    const atTheEnd = parts.payload.length - 3
    for (const [where, bytes, files] of [
      ['in the first file', inFirst, 1],
      ['in the second, the first is whole', inSecond, 2],
      ['in the headers of the first', nameOfFirst, 0],
      ['before the last boundary is whole', atTheEnd, 2],
    ] as const) {
      await sendAndLeave(path, parts, bytes, () => !stores || storedFiles(desk).length === files)
      await until(`no file is left: ${where}`, async () => storedFiles(desk).length === 0)
      t.same(await contentOf(desk), before, where)
    }
  })
}

t.test('the server goes on, and keeps what arrives whole', async (t) => {
  const { payload, headers } = await form(A_TICKET, [FIRST, SECOND])
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/tickets`, {
    method: 'POST',
    headers: { ...desk.as(requester), ...headers },
    body: payload,
  })
  t.equal(answer.status, 201)
  t.equal(storedFiles(desk).length, 2)
})
