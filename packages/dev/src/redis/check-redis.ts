import { Redis } from 'ioredis'
import { UserError } from '../user-error.ts'

/**
 * Asks a Redis that was given, not started, for an answer.
 * @returns its address
 * @throws UserError of one sentence when it cannot be reached or entered
 */
export async function checkRedis(url: string): Promise<string> {
  const redis = new Redis(url, { lazyConnect: true, connectTimeout: 5_000, retryStrategy: () => null })
  // Without a listener the reason would be printed; with one, `connect` knows only that there was one.
  let reason: Error | undefined
  redis.on('error', (error) => {
    reason = error
  })
  try {
    await redis.connect()
    await redis.ping()
    return url
  } catch (error) {
    const { message } = reason ?? (error as Error)
    throw new UserError(
      `The Redis at ${new URL(url).host} cannot be used (${message}): start it, or set REDIS_URL to another, or to none.`,
    )
  } finally {
    redis.disconnect()
  }
}
