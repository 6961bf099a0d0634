import type { Program } from '../debian/download-program.ts'
import { type FindOptions, findProgram } from '../debian/find-program.ts'

/** A Redis (or Valkey) server that runs here. */
export type RedisProgram = Program

export type FindRedisOptions = FindOptions

const REDIS = {
  title: 'Redis',
  package: 'redis-server',
  path: 'usr/bin/redis-server',
  folder: 'redis',
  names: ['redis-server', 'valkey-server'],
  ask: '--version',
  isGood: isNewEnough,
  advice: 'install redis-server (or Valkey), or set REDIS_URL to a Redis 7 of your own',
}

/**
 * The Redis of the PATH, or a private copy that is downloaded once from the system's package archive.
 * @throws UserError of one sentence when Redis cannot be had
 */
export function findRedis(options: FindRedisOptions): Promise<RedisProgram> {
  return findProgram(REDIS, options)
}

/** BullMQ needs Redis 6.2; every Valkey is newer than that. */
function isNewEnough(version: string): boolean {
  const [, major = '0', minor = '0'] = /v=(\d+)\.(\d+)/.exec(version) ?? []
  return Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 2)
}
