import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Teardown } from '@servicedesk/testing'
import t from 'tap'
import { startTcpProxy } from '../../src/process/tcp-proxy.ts'

/** A server that says everything back, behind a proxy. */
async function echo(t: Teardown) {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy = await startTcpProxy((server.address() as AddressInfo).port)
  t.teardown(async () => {
    await proxy.close()
    server.close()
  })
  return proxy
}

/** What comes back until there are so many bytes of it. */
function receive(socket: Socket, bytes: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = []
    socket.on('data', (piece: Buffer) => {
      pieces.push(piece)
      if (Buffer.concat(pieces).length >= bytes) resolve(Buffer.concat(pieces))
    })
  })
}

const numbers = Buffer.from(Array.from({ length: 400_000 }, (_, n) => n % 251))

t.test('what goes through comes out the same, also while it is slowed and mended', async (t) => {
  const proxy = await echo(t)
  const socket = connect(proxy.port, '127.0.0.1')
  const whole = receive(socket, numbers.length)
  for (let n = 0; n < 40; n += 1) {
    if (n === 5) proxy.slow(30)
    if (n === 20) proxy.mend()
    socket.write(numbers.subarray(n * 10_000, (n + 1) * 10_000))
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.ok((await whole).equals(numbers))
  socket.destroy()
})

t.test('slowed, an answer takes at least the delay both ways', async (t) => {
  const proxy = await echo(t)
  proxy.slow(40)
  const socket = connect(proxy.port, '127.0.0.1')
  await once(socket, 'connect')
  const sent = performance.now()
  socket.write('x')
  await receive(socket, 1)
  t.ok(performance.now() - sent >= 79, 'twice 40 ms')
  socket.destroy()
})

t.test('cut, open connections break and new ones do; mended, new ones work', async (t) => {
  const proxy = await echo(t)
  const socket = connect(proxy.port, '127.0.0.1')
  socket.write('x')
  await receive(socket, 1)
  const broken = once(socket, 'error')
  proxy.cut()
  t.match(await broken, [{ code: 'ECONNRESET' }])

  const refused = connect(proxy.port, '127.0.0.1')
  t.match(await once(refused, 'error'), [{ code: 'ECONNRESET' }])

  proxy.mend()
  const again = connect(proxy.port, '127.0.0.1')
  again.write('y')
  t.equal((await receive(again, 1)).toString(), 'y')
  again.destroy()
})
