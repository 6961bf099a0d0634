import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createTestDesk, until } from '@servicedesk/testing'
import t from 'tap'
import { isRefused, startApi } from '../helpers/api-process.ts'
import { A_TICKET } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const requester = await desk.person('Normal User')

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

t.test(
  'SIGTERM while a request is arriving: it is answered, nobody new is let in, the process ends',
  async (t) => {
    const { api, port } = await startApi(t, desk, 20)
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
  const { api, port } = await startApi(t, desk, 1)
  const ended = once(api, 'exit')
  await sendHalf(port)
  api.kill('SIGTERM')
  t.strictSame(await ended, [1, null])
})
