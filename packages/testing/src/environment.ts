import { type RedisConnection, readRedisConnection } from '@servicedesk/jobs'

export interface TestServers {
  databaseUrl: string
  /** The shared Redis, or what {@link useRedis} put in its place. */
  redis: RedisConnection
  /** Of the shared Redis. */
  redisUrl: string
}

let instead: RedisConnection | undefined

/** From now on this process's tests get another Redis, so that the same tests run against a cluster. */
export function useRedis(connection: RedisConnection): void {
  instead = connection
}

/** The servers that `npm test` started; the one file of this package that reads the environment. */
export function testServers(env: NodeJS.ProcessEnv = process.env): TestServers {
  const { TEST_DATABASE_URL: databaseUrl, TEST_REDIS_URL: redisUrl } = env
  if (!databaseUrl || !redisUrl) {
    throw new Error('TEST_DATABASE_URL and TEST_REDIS_URL are not set: run tests with `npm test [-- file]`')
  }
  return { databaseUrl, redisUrl, redis: instead ?? readRedisConnection({ REDIS_URL: redisUrl }, []) }
}
