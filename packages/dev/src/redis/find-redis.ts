import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { UserError } from '../user-error.ts'
import { cachedRedis, downloadRedis } from './download-redis.ts'

/** A Redis (or Valkey) server that runs here. */
export interface RedisProgram {
  file: string
  env: NodeJS.ProcessEnv
}

export interface FindRedisOptions {
  /** The PATH to look in. */
  path: string
  /** Where a private copy is kept; the first that can be written to is used. */
  cacheDirs: readonly string[]
  log: (line: string) => void
  signal?: AbortSignal
}

const names = ['redis-server', 'valkey-server']
const advice = 'install redis-server (or Valkey), or set REDIS_URL to a Redis 7 of your own'

/**
 * The Redis of the PATH, or a private copy that is downloaded once from the system's package archive.
 * @throws UserError of one sentence when Redis cannot be had
 */
export async function findRedis(options: FindRedisOptions): Promise<RedisProgram> {
  for (const folder of options.path.split(delimiter).filter((entry) => entry !== '')) {
    for (const program of names.map((name) => ({ file: join(folder, name), env: {} }))) {
      if (works(program)) return program
    }
  }
  for (const cacheDir of options.cacheDirs) {
    const program = cachedRedis(cacheDir)
    if (program && works(program)) return program
  }
  const program = await download(options)
  if (!works(program)) throw new UserError(`The downloaded Redis does not run here: ${advice}.`)
  return program
}

async function download(options: FindRedisOptions): Promise<RedisProgram> {
  try {
    return await downloadRedis(options)
  } catch (error) {
    options.signal?.throwIfAborted()
    const why = error instanceof Error ? error.message : String(error)
    throw new UserError(`There is no Redis on the PATH and none could be downloaded (${why}): ${advice}.`)
  }
}

/** BullMQ needs Redis 6.2; every Valkey is newer than that. */
function works({ file, env }: RedisProgram): boolean {
  try {
    accessSync(file, constants.X_OK)
  } catch {
    return false
  }
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', env, timeout: 10_000 })
  const [, major = '0', minor = '0'] = /v=(\d+)\.(\d+)/.exec(stdout ?? '') ?? []
  return Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 2)
}
