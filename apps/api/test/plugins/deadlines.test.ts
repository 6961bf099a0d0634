import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import type {} from '@fastify/multipart'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { bodyParsingPlugin } from '../../src/plugins/body-parsing.ts'
import { deadlinesPlugin } from '../../src/plugins/deadlines.ts'

const WINDOW_MS = 200
const PACE = { windowMs: WINDOW_MS, bytes: 2_000 }
/** A form of one file of 16,000 bytes. */
const FORM = Buffer.concat([
  Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'),
  Buffer.alloc(16_000, 'x'),
  Buffer.from('\r\n--b--\r\n'),
])

/** An API of two routes, with deadlines so short that a test can wait for them; `reading` may hold its reader up. */
async function start(t: Test, reading: () => Promise<unknown> = async () => undefined) {
  const app = Fastify({ forceCloseConnections: true })
  await app.register(deadlinesPlugin, { answerMs: WINDOW_MS, stuckMs: WINDOW_MS * 4, pace: PACE })
  await app.register(bodyParsingPlugin)
  const broken: unknown[] = []
  app.post('/form', { config: { multipart: {} } }, async (request) => {
    await reading()
    try {
      let bytes = 0
      for await (const part of request.parts())
        if (part.type === 'file') bytes += (await part.toBuffer()).length
      return { bytes }
    } catch (error) {
      broken.push(error)
      throw error
    }
  })
  app.post('/json', async (request) => request.body)
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return { port: (app.server.address() as AddressInfo).port, broken }
}

/** Sends a request piece by piece, one each `everyMs`, and answers what came back before the connection closed. */
async function sendSlowly(port: number, path: string, type: string, pieces: Buffer[], everyMs: number) {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
    if (answer.includes('}')) socket.end()
  })
  socket.on('error', () => undefined)
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`,
  )
  const left = [...pieces]
  const timer = setInterval(() => {
    const piece = left.shift()
    if (piece !== undefined && socket.writable) socket.write(piece)
  }, everyMs)
  await once(socket, 'close')
  clearInterval(timer)
  return { answer, unsent: left.length }
}
const FORM_TYPE = 'multipart/form-data; boundary=b'
const inPieces = (content: Buffer, size: number) =>
  Array.from({ length: Math.ceil(content.length / size) }, (_, n) =>
    content.subarray(n * size, (n + 1) * size),
  )

t.test('a form that crawls is cut off with 408, and its reader hears of it', async (t) => {
  const { port, broken } = await start(t)
  const { answer, unsent } = await sendSlowly(port, '/form', FORM_TYPE, inPieces(FORM, 10), 20)
  t.match(answer, /^HTTP\/1\.1 408 Request Timeout\r\n/)
  t.match(answer, /connection: close/i)
  t.match(answer, /"code":"request_timeout"/)
  t.ok(unsent > 100)
  t.equal(broken.length, 1)
})

t.test('one that is slow but comes passes, however long it takes', async (t) => {
  const { port, broken } = await start(t)
  const started = performance.now()
  const { answer } = await sendSlowly(port, '/form', FORM_TYPE, inPieces(FORM, 600), 20)
  t.match(answer, /^HTTP\/1\.1 200 OK[\s\S]*\{"bytes":16000\}/)
  t.ok(performance.now() - started > WINDOW_MS * 2, 'longer than any other request may')
  t.same(broken, [])
})

t.test('a client that waits for us is not to blame', async (t) => {
  let letGo = () => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const { port } = await start(t, () => held)
  setTimeout(() => letGo(), WINDOW_MS * 2)
  const { answer } = await sendSlowly(port, '/form', FORM_TYPE, [FORM], 1)
  t.match(answer, /^HTTP\/1\.1 200 OK/)
})

t.test('unless we never come: then it is 503', async (t) => {
  const { port } = await start(t, () => new Promise(() => undefined))
  const { answer } = await sendSlowly(port, '/form', FORM_TYPE, [FORM], 1)
  t.match(answer, /^HTTP\/1\.1 503 /)
})

t.test('other bodies have to be there at once', async (t) => {
  const { port } = await start(t)
  const json = Buffer.from(JSON.stringify({ title: 'x'.repeat(100) }))
  const slow = await sendSlowly(port, '/json', 'application/json', inPieces(json, 1), 20)
  t.match(slow.answer, /^HTTP\/1\.1 408 /)
  const fast = await sendSlowly(port, '/json', 'application/json', [json], 1)
  t.match(fast.answer, /^HTTP\/1\.1 200 /)
})
