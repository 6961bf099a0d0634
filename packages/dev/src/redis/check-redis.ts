import { checkRedisConnection, describeRedis, type RedisConnection } from '@servicedesk/jobs'
import { UserError } from '../user-error.ts'

/**
 * Asks a Redis that was given, not started, for an answer.
 * @returns its address, when it has one
 * @throws UserError of one sentence when it cannot be reached or entered
 */
export async function checkRedis(connection: RedisConnection): Promise<string | undefined> {
  try {
    await checkRedisConnection(connection)
  } catch (error) {
    const { variable, addresses } = describeRedis(connection)
    throw new UserError(
      `The Redis at ${addresses} cannot be used (${(error as Error).message}): start it, or set ${variable} to another, or to none.`,
    )
  }
  return connection.kind === 'single' ? connection.url : undefined
}
