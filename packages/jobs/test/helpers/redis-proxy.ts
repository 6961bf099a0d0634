import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import type { RedisConnection } from '@servicedesk/jobs'
import { type Teardown, testServers } from '@servicedesk/testing'

export interface RedisProxy {
  connection: RedisConnection
  /** Redis is gone: open connections break, new ones are closed at once. */
  cut(): void
  mend(): void
}

let instead: RedisProxy | undefined

/** From now on this process's tests get this, which can be cut off by other means. */
export function useRedisProxy(proxy: RedisProxy): void {
  instead = proxy
}

/** Stands between a test and the shared Redis, which nobody may stop. */
export async function startRedisProxy(t: Teardown): Promise<RedisProxy> {
  if (instead !== undefined) return instead
  const target = new URL(testServers().redisUrl)
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((client) => {
    if (isCut) return client.destroy()
    const upstream = createConnection(Number(target.port), target.hostname)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => undefined)
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  })
  const cut = () => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    cut()
    await new Promise((resolve) => server.close(resolve))
  })
  const url = new URL(target)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    connection: { kind: 'single', url: url.toString() },
    cut,
    mend() {
      isCut = false
    },
  }
}
