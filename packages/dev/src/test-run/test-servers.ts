import { throwawaySettings } from '../postgres/settings.ts'
import { startPostgres } from '../postgres/start-postgres.ts'
import { type FindRedisOptions, findRedis } from '../redis/find-redis.ts'
import { startRedis } from '../redis/start-redis.ts'
import { postgresDir, redisDir } from './scratch.ts'

export interface TestServers {
  /** Of the superuser and the database `postgres`. */
  databaseUrl: string
  redisUrl: string
  stop(): Promise<void>
}

/** A PostgreSQL and a Redis of the test run's own, fast and forgetful. */
export async function startTestServers(
  scratch: string,
  redis: Pick<FindRedisOptions, 'path' | 'cacheDirs'>,
  signal: AbortSignal,
): Promise<TestServers> {
  const log = (line: string) => console.log(line)
  const program = await findRedis({ ...redis, log, signal })
  const postgres = await startPostgres({
    dataDir: postgresDir(scratch),
    settings: throwawaySettings,
    log,
    signal,
  })
  const store = await startRedis({ program, dataDir: redisDir(scratch), appendOnly: false, log, signal })
  return {
    databaseUrl: postgres.adminUrl,
    redisUrl: store.url,
    stop: async () => {
      await Promise.all([postgres.stop(3_000), store.stop(2_000)])
    },
  }
}
