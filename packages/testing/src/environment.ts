/** The servers that `npm test` started; the one file of this package that reads the environment. */
export function testServers(env: NodeJS.ProcessEnv = process.env): { databaseUrl: string; redisUrl: string } {
  const { TEST_DATABASE_URL: databaseUrl, TEST_REDIS_URL: redisUrl } = env
  if (!databaseUrl || !redisUrl) {
    throw new Error('TEST_DATABASE_URL and TEST_REDIS_URL are not set: run tests with `npm test [-- file]`')
  }
  return { databaseUrl, redisUrl }
}
