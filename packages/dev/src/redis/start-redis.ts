import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureFolder } from '../../bootstrap/ensure-folder.mjs'
import { logSize, tailOfLog } from '../process/log-file.ts'
import { freePort } from '../process/ports.ts'
import { type ServerProcess, startServerProcess } from '../process/server-process.ts'
import { UserError } from '../user-error.ts'
import type { RedisProgram } from './find-redis.ts'
import { redisAnswers } from './ping.ts'
import { redisConfig } from './redis-config.ts'
import { clearLeftover, forgetRedis, recordRedis } from './redis-record.ts'

export interface RedisOptions {
  program: RedisProgram
  /** Its folder: configuration, password, append-only file; made when missing. */
  dataDir: string
  logFile?: string
  /** Keeps every write on the disk. */
  appendOnly: boolean
  /** More lines of redis.conf. */
  settings?: readonly string[]
  /** More arguments, such as `--sentinel`. */
  arguments?: readonly string[]
  /** Where it must listen (a restart); any free port when left out. */
  port?: number
  log: (line: string) => void
  signal?: AbortSignal
}

export interface RedisServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly exited: Promise<string>
  stop(graceMs?: number): Promise<boolean>
}

/**
 * Starts a Redis of our own on 127.0.0.1.
 * @throws UserError when it does not start
 */
export async function startRedis(options: RedisOptions): Promise<RedisServer> {
  ensureFolder(options.dataDir, 0o700)
  await clearLeftover(options.dataDir, options.log)
  const password = keptPassword(options.dataDir)
  const { server, port } = await launch(options, password)
  return {
    url: `redis://:${password}@127.0.0.1:${port}/0`,
    port,
    pid: server.pid,
    exited: server.exited,
    stop: async (graceMs = 5_000) => {
      const clean = await server.stop('SIGTERM', graceMs)
      forgetRedis(options.dataDir)
      return clean
    },
  }
}

/** Tries again when the port is lost to somebody else or the append-only file cannot be read. */
async function launch(
  options: RedisOptions,
  password: string,
): Promise<{ server: ServerProcess; port: number }> {
  const { program, dataDir, appendOnly, settings, logFile = join(dataDir, 'redis.log') } = options
  for (let tries = 1; ; tries++) {
    const port = options.port ?? (await freePort())
    const config = join(dataDir, 'redis.conf')
    const text = redisConfig({ dir: dataDir, port, password, appendOnly, settings })
    writeFileSync(config, text, { mode: 0o600 })
    const logged = logSize(logFile)
    const server = await startServerProcess({
      file: program.file,
      args: [config, ...(options.arguments ?? [])],
      env: { LC_ALL: 'C', TZ: 'UTC', ...program.env },
      logFile,
    })
    recordRedis(dataDir, server.pid)
    if (await waitUntilReady(server, port, password, options.signal)) return { server, port }
    const words = tailOfLog(logFile, 15, logged)
    if (/append only file|AOF MANIFEST FILE ERROR|Invalid AOF/i.test(words)) {
      putAsideAppendOnlyFile(dataDir, options.log)
    } else if (!/bind|listen/i.test(words) || tries === 20) {
      throw new UserError(`Redis does not start:\n${words}`)
    }
    await sleep(100)
  }
}

async function waitUntilReady(
  server: ServerProcess,
  port: number,
  password: string,
  signal?: AbortSignal,
): Promise<boolean> {
  let alive = true
  const gone = server.exited.then(() => {
    alive = false
  })
  while (alive) {
    if (await redisAnswers(port, password)) return true
    if (signal?.aborted) {
      await server.stop('SIGTERM', 2_000)
      signal.throwIfAborted()
    }
    await Promise.race([gone, sleep(15)])
  }
  return false
}

/** Every job still owed is in PostgreSQL and goes out again, so an empty Redis is a sound way on. */
function putAsideAppendOnlyFile(dataDir: string, log: (line: string) => void): void {
  const aside = join(dataDir, `appendonlydir.unreadable-${Date.now()}`)
  renameSync(join(dataDir, 'appendonlydir'), aside)
  log(`Redis could not read its data, which is now in ${aside}; it starts empty and owed jobs are sent again`)
}

/** The same for every start, so that clients which outlive a restart are let in again. */
function keptPassword(dataDir: string): string {
  const file = join(dataDir, 'redis.password')
  try {
    return readFileSync(file, 'utf8')
  } catch {
    const password = randomBytes(24).toString('hex')
    writeFileSync(file, password, { mode: 0o600 })
    return password
  }
}
