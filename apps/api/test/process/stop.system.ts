import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTestDesk, testServers, until } from '@servicedesk/testing'
import t, { type Test } from 'tap'
import { A_TICKET } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const requester = await desk.person('Normal User')
const main = new URL('../../dist/main.js', import.meta.url)

/** The API as a process of its own, on the desk's stores. */
async function startApi(t: Test, shutdownTimeout: number): Promise<{ api: ChildProcess; port: number }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'servicedesk-stop-'))
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const api = spawn(process.execPath, [fileURLToPath(main)], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: desk.url,
      REDIS_URL: testServers().redisUrl,
      REDIS_PREFIX: desk.config.redisPrefix,
      JWT_SECRET_KEY: desk.config.secret,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATA_DIR: dataDir,
      SHUTDOWN_TIMEOUT: String(shutdownTimeout),
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  t.teardown(async () => {
    if (api.exitCode === null && api.signalCode === null) {
      api.kill('SIGKILL')
      await once(api, 'exit')
    }
    rmSync(dataDir, { recursive: true, force: true })
  })
  await once(api, 'message')
  return { api, port }
}

const BODY = JSON.stringify(A_TICKET)

/** A connection on which the first half of a request has arrived. */
async function sendHalf(port: number): Promise<{ socket: Socket; answer: () => string }> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let answer = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk
  })
  socket.write(
    `POST /api/v1/tickets HTTP/1.1\r\nhost: desk.test\r\nauthorization: ${desk.as(requester).authorization}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(BODY)}\r\nexpect: 100-continue\r\n\r\n`,
  )
  await until('the server to ask for the body', async () => answer.includes('100 Continue'))
  socket.write(BODY.slice(0, 20))
  return { socket, answer: () => answer }
}

/** Whether a new connection is refused. */
async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const refused = await once(socket, 'connect').then(
    () => false,
    () => true,
  )
  socket.destroy()
  return refused
}

t.test(
  'SIGTERM while a request is arriving: it is answered, nobody new is let in, the process ends',
  async (t) => {
    const { api, port } = await startApi(t, 20)
    const ended = once(api, 'exit')
    const idle = connect(port, '127.0.0.1')
    await once(idle, 'connect')
    const request = await sendHalf(port)
    api.kill('SIGTERM')
    await until('new connections to be refused', () => isRefused(port))
    request.socket.write(BODY.slice(20))
    await until('the answer', async () => /HTTP\/1\.1 20[01] /.test(request.answer()))
    t.match(request.answer(), /connection: close/i, 'a kept connection would hold up the stop')
    t.strictSame(await ended, [0, null])
  },
)

t.test('SIGTERM while a request never ends: the process ends all the same', async (t) => {
  const { api, port } = await startApi(t, 1)
  const ended = once(api, 'exit')
  await sendHalf(port)
  api.kill('SIGTERM')
  t.strictSame(await ended, [1, null])
})
