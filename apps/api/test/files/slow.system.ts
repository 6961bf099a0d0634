import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { createTestDesk, until } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const requester = await desk.person('Normal User')
const ticket = await makeTicket(sender(desk, requester))
await desk.app.listen({ port: 0, host: '127.0.0.1' })
const { port } = desk.app.server.address() as AddressInfo
const KB = 1024

/** Uploads `content`, the first `atOnce` bytes of the form at once and then `bytes` a second. */
async function drip(content: Buffer, atOnce: number, bytes: number) {
  const { payload, headers } = await form({ ticket_id: `${ticket.id}` }, [{ name: 'slow.log', content }])
  const socket = connect(port, '127.0.0.1')
  const all = { host: 'desk.test', ...desk.as(requester), ...headers, 'content-length': payload.length }
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
    if (/\r\n\r\n.*\}$/s.test(answer)) socket.end()
  })
  socket.on('error', () => undefined)
  socket.write(`POST /api/v1/files/upload HTTP/1.1\r\n${head.join('')}\r\n`)
  socket.write(payload.subarray(0, atOnce))
  let sent = atOnce
  const timer = setInterval(() => {
    if (!socket.writable || sent >= payload.length) return
    socket.write(payload.subarray(sent, sent + bytes))
    sent += bytes
  }, 1_000)
  await once(socket, 'close')
  clearInterval(timer)
  return answer
}

t.test('a byte a second is cut off with 408 and leaves nothing', { timeout: 120_000 }, async (t) => {
  const before = await contentOf(desk)
  const answer = await drip(Buffer.alloc(300 * KB, 'x\n'), 100 * KB, 1)
  t.match(answer, /^HTTP\/1\.1 408 /)
  await until('no file is left', async () => storedFiles(desk).length === 0)
  t.same(await contentOf(desk), before)
})

t.test('eight kilobytes a second, a line of 64 kbit/s, pass', { timeout: 120_000 }, async (t) => {
  const answer = await drip(Buffer.alloc(400 * KB, 'x\n'), 0, 8 * KB)
  t.match(answer, /^HTTP\/1\.1 201 /)
  t.equal(storedFiles(desk).length, 1)
})
