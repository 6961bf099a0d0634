import type { StartConfig } from '../config.ts'
import { checkRedis } from '../redis/check-redis.ts'
import { findRedis } from '../redis/find-redis.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'
import { type Addresses, appEnvironment, localUrl } from './app-environment.ts'
import { checkPort } from './check-port.ts'
import { progress } from './progress.ts'
import { clearLeftoverPrograms } from './run-record.ts'
import { hasNoUsers } from './sample-presence.ts'
import { appService, mailService, postgresService, redisService } from './services.ts'

/** The compiled main files of our programs. */
export interface Programs {
  api: string
  worker: string
  mail: string
}

export interface StartDependencies {
  supervisor: Supervisor
  programs: Programs
  migrate: (databaseUrl: string) => Promise<void>
  /** Fills an empty database with the sample organisation. */
  loadSampleData: (options: { databaseUrl: string }) => Promise<{ loaded: boolean }>
  /** Told as soon as the addresses are known. */
  located: (addresses: Addresses) => void
  log: (line: string) => void
  signal: AbortSignal
}

/**
 * Starts all of ServiceDesk in order: the stores, the schema, the sample organisation, then our programs.
 * @returns where it runs
 * @throws the first failure; what had started is then left to the supervisor's stop
 */
export async function startAll(config: StartConfig, dependencies: StartDependencies): Promise<Addresses> {
  const { supervisor, programs, migrate, located, log, signal } = dependencies
  await clearLeftoverPrograms(config.dataDir, ['api', 'worker', 'mail'])
  const port = await checkPort(config.host, config.port)
  const [databaseUrl, redisUrl] = await bothOf(
    config.databaseUrl ?? progress(log, 'PostgreSQL', () => startDatabase(config, dependencies)),
    config.givenRedis === undefined
      ? progress(log, 'Redis', () => startQueueStore(config, dependencies))
      : checkRedis(config.givenRedis),
  )
  signal.throwIfAborted()
  await progress(log, 'Database schema', () => migrate(databaseUrl))
  if (config.databaseUrl === undefined && !config.production && (await hasNoUsers(databaseUrl))) {
    await progress(log, 'Sample data', () => dependencies.loadSampleData({ databaseUrl }))
  }
  signal.throwIfAborted()
  const smtpUrl = config.smtpUrl ?? (await startMailSink(config, dependencies))
  const addresses = { url: config.publicUrl ?? localUrl(config.host, port), databaseUrl, redisUrl, smtpUrl }
  located(addresses)
  const env = appEnvironment(config, port, addresses)
  await progress(log, 'API and worker', () =>
    bothOf(
      supervisor.start(appService(config, 'api', programs.api, env)),
      supervisor.start(appService(config, 'worker', programs.worker, env)),
    ),
  )
  return { ...addresses, url: localUrl(config.host, port) }
}

async function startDatabase(config: StartConfig, { supervisor, log }: StartDependencies): Promise<string> {
  const postgres = postgresService(config, log)
  await supervisor.start(postgres.service)
  return postgres.url()
}

async function startQueueStore(
  config: StartConfig,
  { supervisor, log, signal }: StartDependencies,
): Promise<string> {
  const program = await findRedis({ ...config.redis, log, signal })
  const redis = redisService(config, program, log)
  await supervisor.start(redis.service)
  return redis.url()
}

async function startMailSink(
  config: StartConfig,
  { supervisor, programs }: StartDependencies,
): Promise<string> {
  const mail = await mailService(config, programs.mail)
  await supervisor.start(mail.service)
  return mail.url()
}

/** Like Promise.all, but when one fails the other is waited for first: nothing may be half-started when we stop. */
async function bothOf<A, B>(a: A | Promise<A>, b: B | Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b])
  return Promise.all([a, b])
}
