import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findRedis, readTestConfig, startPostgres, startRedis } from '@servicedesk/dev'

export interface BenchServers {
  databaseUrl: string
  redisUrl: string
  /** Stops both and deletes what they kept. */
  stop(): Promise<void>
}

/** A PostgreSQL that fsyncs and a Redis that appends to its file, as `npm start` has them. */
export async function startBenchServers(): Promise<BenchServers> {
  const dataDir = mkdtempSync(join(tmpdir(), 'servicedesk-bench-'))
  const log = () => undefined
  const program = await findRedis({ ...readTestConfig(dataDir).redis, log: (line) => console.log(line) })
  const postgres = await startPostgres({ dataDir: join(dataDir, 'postgres'), log })
  const redis = await startRedis({ program, dataDir: join(dataDir, 'redis'), appendOnly: true, log })
  return {
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    async stop() {
      await Promise.all([postgres.stop(), redis.stop()])
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
