import { join } from 'node:path'
import type { StartConfig } from '../config.ts'
import { startPostgres } from '../postgres/start-postgres.ts'
import { freePort } from '../process/ports.ts'
import type { RedisProgram } from '../redis/find-redis.ts'
import { startRedis } from '../redis/start-redis.ts'
import { nodeService } from '../supervisor/node-service.ts'
import type { Service } from '../supervisor/service.ts'

/** First to stop first: what takes work before what does it, and the stores last. */
export const stopOrder = ['api', 'worker', 'mail', 'redis', 'postgres']

/** The longest that each may take to stop; together under the 15 s that a stop may last. */
const stopWithinMs = { api: 4_000, worker: 5_500, mail: 500, redis: 1_500, postgres: 3_000 }

export const logFile = (config: StartConfig, name: string) => join(config.dataDir, 'logs', `${name}.log`)

/** A service of ours and, once launched, where it listens. */
export interface AddressedService {
  service: Service
  url: () => string
}

/** The embedded PostgreSQL. It keeps its port when it has to be started again. */
export function postgresService(config: StartConfig, log: (line: string) => void): AddressedService {
  return addressed('postgres', stopWithinMs.postgres, (port, signal) =>
    startPostgres({
      dataDir: join(config.dataDir, 'postgres'),
      logFile: logFile(config, 'postgres'),
      log,
      signal,
      ...(port === undefined ? {} : { port }),
    }),
  )
}

/** The embedded Redis, with an append-only file. It keeps its port when it has to be started again. */
export function redisService(
  config: StartConfig,
  program: RedisProgram,
  log: (line: string) => void,
): AddressedService {
  return addressed('redis', stopWithinMs.redis, (port, signal) =>
    startRedis({
      program,
      dataDir: join(config.dataDir, 'redis'),
      logFile: logFile(config, 'redis'),
      appendOnly: true,
      log,
      signal,
      ...(port === undefined ? {} : { port }),
    }),
  )
}

interface StoreServer {
  url: string
  port: number
  pid: number
  exited: Promise<string>
  stop(graceMs: number): Promise<boolean>
}

function addressed(
  name: string,
  within: number,
  start: (port: number | undefined, signal: AbortSignal) => Promise<StoreServer>,
): AddressedService {
  let first: StoreServer | undefined
  return {
    service: {
      name,
      stopWithinMs: within,
      async launch(signal) {
        const server = await start(first?.port, signal)
        first ??= server
        return server
      },
    },
    url: () => first?.url ?? '',
  }
}

/** The SMTP server that keeps every mail as a file. */
export async function mailService(config: StartConfig, main: string): Promise<AddressedService> {
  const port = await freePort()
  const service = nodeService({
    name: 'mail',
    main,
    args: ['--port', String(port), '--mailbox', mailboxDir(config)],
    env: config.environment,
    logFile: logFile(config, 'mail'),
    stopWithinMs: stopWithinMs.mail,
  })
  return { service, url: () => `smtp://127.0.0.1:${port}` }
}

export const mailboxDir = (config: StartConfig) => join(config.dataDir, 'mailbox')

/** The API or the worker. */
export function appService(
  config: StartConfig,
  name: 'api' | 'worker',
  main: string,
  env: NodeJS.ProcessEnv,
): Service {
  return nodeService({ name, main, env, logFile: logFile(config, name), stopWithinMs: stopWithinMs[name] })
}
