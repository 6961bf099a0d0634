import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { attachments } from '@servicedesk/db'
import { createLocalStore } from '@servicedesk/files'
import { createTestDesk, until } from '@servicedesk/testing'
import t from 'tap'
import { isRefused, startApi } from '../helpers/api-process.ts'
import { form } from '../helpers/form.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const requester = await desk.person('Normal User')
const ticket = await makeTicket(sender(desk, requester))
const FIRST = { name: 'first.log', content: Buffer.alloc(300_000, 'first\n') }
const SECOND = { name: 'second.log', content: Buffer.alloc(400_000, 'second\n') }

/** An upload of two files of which only so much has been sent, and has arrived. */
async function begin(port: number, bytes: (payload: Buffer) => number, files: number) {
  const { payload, headers } = await form({ ticket_id: `${ticket.id}` }, [FIRST, SECOND])
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let answer = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk
  })
  socket.on('error', () => undefined)
  const head = { host: 'desk.test', ...desk.as(requester), ...headers, 'content-length': `${payload.length}` }
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`POST /api/v1/files/upload HTTP/1.1\r\n${lines.join('')}\r\n`)
  const sent = bytes(payload)
  socket.write(payload.subarray(0, sent))
  await until('so many files to be begun', async () => storedFiles(desk).length === files)
  return { socket, rest: payload.subarray(sent), answer: () => answer }
}

t.test('SIGTERM while a slow upload arrives: it goes on to its end, and its files are there', async (t) => {
  const { api, port } = await startApi(t, desk, 30)
  const ended = once(api, 'exit')
  const upload = await begin(port, () => 100_000, 1)
  api.kill('SIGTERM')
  await until('new connections to be refused', () => isRefused(port))
  const inSecond = upload.rest.length - 200_000
  upload.socket.write(upload.rest.subarray(0, inSecond))
  await until('the second file to be begun', async () => storedFiles(desk).length === 2)
  t.equal(upload.answer(), '')
  upload.socket.write(upload.rest.subarray(inSecond))
  await until('the answer', async () => upload.answer().includes('\r\n\r\n'))
  t.match(upload.answer(), /^HTTP\/1\.1 201 /)
  t.strictSame(await ended, [0, null])
  const rows = await desk.db.select().from(attachments)
  const stored = new Map(rows.map((row) => [row.filename, row]))
  for (const { name, content } of [FIRST, SECOND]) {
    const row = stored.get(name)
    t.match(row, { ticketId: ticket.id, bytes: content.length, status: 'ready' })
    const path = storedFiles(desk).find((file) => file.endsWith(row!.storageKey))
    t.ok(readFileSync(path!).equals(content), name)
  }
})

t.test('SIGTERM while an upload never ends: it is cut off at the deadline and leaves nothing', async (t) => {
  const kept = storedFiles(desk)
  const before = await contentOf(desk)
  const { api, port } = await startApi(t, desk, 1)
  const ended = once(api, 'exit')
  // The first file is whole and in its place, the second is not.
  const upload = await begin(port, (payload) => payload.length - 200_000, kept.length + 2)
  const cut = once(upload.socket, 'close')
  const asked = performance.now()
  api.kill('SIGTERM')
  t.strictSame(await ended, [1, null])
  await cut
  t.ok(performance.now() - asked < 3_000)
  t.equal(upload.answer(), '', 'nothing was promised')
  t.strictSame(await contentOf(desk), before)
  // What half a file left, the store's own sweep finds.
  await createLocalStore({ root: join(desk.config.dataDir, 'files') }).sweepTemporary(new Date())
  t.strictSame(storedFiles(desk), kept)
})
