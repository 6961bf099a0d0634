import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findRedis, readTestConfig, startPostgres, startRedis } from '@servicedesk/dev'
import { Redis } from 'ioredis'

export interface BenchServers {
  databaseUrl: string
  redisUrl: string
  redisVersion(): Promise<string>
  /** Stops both and deletes what they kept. */
  stop(): Promise<void>
}

/** What PostgreSQL is told on a machine of 24 GB with an SSD (README, "Growing"); everything else is its default. */
const SETTINGS = {
  shared_buffers: '2GB',
  effective_cache_size: '12GB',
  work_mem: '16MB',
  maintenance_work_mem: '512MB',
  random_page_cost: '1.1',
  max_wal_size: '4GB',
}

/** A PostgreSQL that fsyncs and a Redis that appends to its file, as `npm start` has them. */
export async function startBenchServers(): Promise<BenchServers> {
  const dataDir = mkdtempSync(join(tmpdir(), 'servicedesk-bench-'))
  const log = () => undefined
  const program = await findRedis({ ...readTestConfig(dataDir).redis, log: (line) => console.log(line) })
  const postgres = await startPostgres({ dataDir: join(dataDir, 'postgres'), settings: SETTINGS, log })
  const redis = await startRedis({ program, dataDir: join(dataDir, 'redis'), appendOnly: true, log })
  return {
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    redisVersion: () => redisVersion(redis.url),
    async stop() {
      await Promise.all([postgres.stop(), redis.stop()])
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function redisVersion(url: string): Promise<string> {
  const redis = new Redis(url)
  try {
    return /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown'
  } finally {
    redis.disconnect()
  }
}
