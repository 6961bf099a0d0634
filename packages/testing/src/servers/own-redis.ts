import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clearScratch, findRedis, makeScratch, readTestConfig, redisDir, startRedis } from '@servicedesk/dev'
import type { RedisConnection } from '@servicedesk/jobs'
import type { Teardown } from '../desk.ts'

/** A Redis that a test may do anything to. */
export interface OwnRedis {
  readonly connection: RedisConnection
  readonly url: string
  readonly port: number
  /** Of the running process. */
  pid(): number
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again on its port, with what its append-only file holds, or with nothing. */
  start(data: 'kept' | 'lost'): Promise<void>
  /** SIGSTOP: connections stay open and nothing answers. */
  freeze(): void
  thaw(): void
}

export interface OwnRedisOptions {
  settings?: readonly string[]
  arguments?: readonly string[]
  /** One for several servers; otherwise each has its own. */
  password?: string
}

/** A Redis process of a test's own, gone with the test; a killed test's is cleared by the next run. */
export async function startOwnRedis(t: Teardown, given: OwnRedisOptions = {}): Promise<OwnRedis> {
  const scratch = makeScratch()
  t.teardown(() => clearScratch(scratch))
  const log = () => undefined
  const options = {
    program: await findRedis({ ...readTestConfig(scratch).redis, log }),
    dataDir: redisDir(scratch),
    appendOnly: true,
    settings: given.settings ?? [],
    arguments: given.arguments ?? [],
    log,
  }
  if (given.password !== undefined) {
    mkdirSync(options.dataDir, { mode: 0o700 })
    writeFileSync(join(options.dataDir, 'redis.password'), given.password, { mode: 0o600 })
  }
  let server = await startRedis(options)
  const { url, port } = server
  return {
    connection: { kind: 'single', url },
    url,
    port,
    pid: () => server.pid,
    async kill() {
      process.kill(server.pid, 'SIGKILL')
      await server.exited
    },
    async start(data) {
      if (data === 'lost') rmSync(join(options.dataDir, 'appendonlydir'), { recursive: true, force: true })
      server = await startRedis({ ...options, port })
    },
    freeze: () => void process.kill(server.pid, 'SIGSTOP'),
    thaw: () => void process.kill(server.pid, 'SIGCONT'),
  }
}
