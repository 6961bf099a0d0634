import { startTcpProxy } from '@servicedesk/dev'
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
  const url = new URL(testServers().redisUrl)
  const proxy = await startTcpProxy(Number(url.port))
  t.teardown(() => proxy.close())
  url.host = `127.0.0.1:${proxy.port}`
  return { connection: { kind: 'single', url: url.toString() }, cut: proxy.cut, mend: proxy.mend }
}
