import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createRedis } from '@servicedesk/jobs'
import type { Redis } from 'ioredis'
import t from 'tap'
import { guarded } from '../../src/realtime/adapter.ts'

const INFO = 'redis_version:8.0.0\r\nloading:0\r\n'

/** Enough of a Redis to connect and subscribe to; it answers one subscription only, and hangs up at the next. */
async function startFake() {
  let subscriptions = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      for (const [, name] of String(data).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
        if (name?.toLowerCase() === 'hello') socket.write('-NOPROTO no RESP3 here\r\n')
        else if (name?.toLowerCase() === 'info') socket.write(`$${INFO.length}\r\n${INFO}\r\n`)
        else if (name?.toLowerCase() !== 'subscribe') socket.write('+OK\r\n')
        else if (++subscriptions === 1) socket.write('*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n')
        else {
          server.close()
          for (const each of sockets) each.destroy()
        }
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    server,
    port: (server.address() as AddressInfo).port,
    cut: () => sockets.forEach((each) => void each.destroy()),
  }
}

t.test('a Redis that goes while ioredis subscribes again is told of, and ends nothing', async (t) => {
  const { server, port, cut } = await startFake()
  const faults: unknown[] = []
  const redis = createRedis({ kind: 'single', url: `redis://127.0.0.1:${port}` }, () => undefined)
  const copy = (guarded(redis, (error) => faults.push(error)) as Redis).duplicate()
  copy.on('error', () => undefined)
  t.teardown(() => {
    redis.disconnect()
    copy.disconnect()
  })
  await copy.subscribe('a')
  cut()
  await once(server, 'close')
  const ended = once(copy, 'end')
  copy.disconnect()
  await ended
  // Of a rejection that nobody hears tap makes a failure.
  t.match(faults, [{ message: /closed/i }])
})
