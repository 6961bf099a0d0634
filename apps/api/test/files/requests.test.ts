import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { createTestDesk, until } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { PNG } from '../helpers/pictures.ts'
import { isProblem } from '../helpers/problem.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const requester = await desk.person('Normal User')
const send = sender(desk, requester)
const ticket = await makeTicket(send)
const stranger = sender(desk, await desk.person('Normal User'))
await desk.app.listen({ port: 0, host: '127.0.0.1' })
const { port } = desk.app.server.address() as AddressInfo
const NOTE = { name: 'note.log', content: Buffer.alloc(100_000, 'a line\n') }
const parts = await form({ ticket_id: `${ticket.id}` }, [NOTE, { ...NOTE, name: 'second.log' }])

/** Sends an upload that says it has `length` bytes, and answers the status of each answer on its connection. */
async function sendSaying(length: number, body: Buffer, end: boolean): Promise<string[]> {
  const socket = connect(port, '127.0.0.1')
  const headers = { host: 'desk.test', ...desk.as(requester), ...parts.headers, 'content-length': length }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  let answers = ''
  socket.on('data', (chunk) => {
    answers += chunk
  })
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  socket.write(`POST /api/v1/files/upload HTTP/1.1\r\n${head.join('')}\r\n`)
  socket.write(body)
  if (end) socket.end()
  await closed
  return [...answers.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1] ?? '')
}

/** Asserts that nothing came of what is done. */
async function leavesNothing(what: string, act: () => Promise<void>) {
  const before = [await contentOf(desk), storedFiles(desk)]
  await act()
  await until(`${what}: no file is left`, async () => storedFiles(desk).length === before[1]?.length)
  assert.deepEqual([await contentOf(desk), storedFiles(desk)], before, what)
}

t.test(
  'a Content-Length that promises more than comes: cut off in the middle, nothing is kept',
  async (t) => {
    await leavesNothing('too large', async () => {
      const answers = await sendSaying(parts.payload.length + 1_000, parts.payload.subarray(0, 150_000), true)
      t.notOk(answers.includes('201'), `answered ${answers}`)
    })
  },
)

t.test('one that promises less: the form ends too soon, the rest is no request', async (t) => {
  await leavesNothing('too small', async () => {
    const answers = await sendSaying(150_000, parts.payload, false)
    t.ok(answers.length > 0 && answers.every((status) => status === '400'), `answered ${answers}`)
  })
})

t.test('somebody else’s ticket, twenty files, none', async (t) => {
  await leavesNothing('refused', async () => {
    const { payload, headers } = parts
    isProblem(t, await stranger('POST', '/files/upload', payload, headers), 404, 'not_found')
    isProblem(t, await sender(desk)('POST', '/files/upload', payload, headers), 401)
    const many = await form({ ticket_id: `${ticket.id}` }, Array(20).fill(NOTE))
    isProblem(t, await send('POST', '/files/upload', many.payload, many.headers), 413, 'too_many_files')
    const none = await form({ ticket_id: `${ticket.id}`, file: 'a text' })
    isProblem(t, await send('POST', '/files/upload', none.payload, none.headers), 400, 'validation_failed')
    const mixed = await form({ ticket_id: `${ticket.id}` }, [
      NOTE,
      { name: 'cut.png', content: PNG.subarray(0, 50) },
    ])
    isProblem(t, await send('POST', '/files/upload', mixed.payload, mixed.headers), 415, 'file_type_mismatch')
  })
})

t.test('two files in one field are two files', async (t) => {
  const { payload, headers } = await form({ ticket_id: `${ticket.id}` }, [
    { ...NOTE, field: 'file', name: 'one.log' },
    { ...NOTE, field: 'file', name: 'two.log' },
  ])
  const { files } = (await send('POST', '/files/upload', payload, headers)).json()
  t.same(
    files.map((file: { filename: string }) => file.filename),
    ['one.log', 'two.log'],
  )
})

t.test('names that Windows keeps for devices are names', async (t) => {
  for (const name of ['con.txt', 'NUL.txt', 'COM1.log', 'aux.png.txt', 'a:b.txt']) {
    const { payload, headers } = await form({ ticket_id: `${ticket.id}` }, [{ ...NOTE, name }])
    t.equal((await send('POST', '/files/upload', payload, headers)).json().filename, name)
  }
  for (const path of storedFiles(desk)) t.match(path, /\/[0-9a-f-]{36}\/original$/, 'never on the disk')
})
