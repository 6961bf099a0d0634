import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { migrate } from '@servicedesk/db'
import {
  createSupervisor,
  findRedis,
  freePort,
  loadSampleData,
  mailboxDir,
  mailService,
  nodeService,
  postgresService,
  readStartConfig,
  redisService,
  repositoryRoot,
  sendSignal,
  startTcpProxy,
  type TcpProxy,
} from '@servicedesk/dev'
import type { FaultOptions } from './config.ts'
import { ORDER_VARIABLE } from './orders.ts'
import type { Link, Process, Program } from './plan.ts'

/** The running system, and what it takes to break it. */
export interface System {
  /** The two APIs' addresses with version. */
  apis: [string, string]
  /** Past the proxies. */
  databaseUrl: string
  redisUrl: string
  mailbox: string
  files: string
  links: Record<Link, TcpProxy>
  orderFile(program: Program): string
  /** The pid of what runs now, or undefined while it is being started again. */
  pid(process: Process): number | undefined
  signal(process: Process, signal: NodeJS.Signals): void
  stop(): Promise<void>
}

const HOOK = pathToFileURL(join(repositoryRoot, 'packages', 'bench', 'dist', 'faults', 'hook.js')).href
const APPS = { api: ['apps', 'api', 'dist', 'main.js'], worker: ['apps', 'worker', 'dist', 'main.js'] }

/**
 * Starts everything as separate processes, each kept running by a supervisor, with a proxy on every link.
 * @param imports modules that Node loads into API and workers first: how a broken variant gets in
 * @throws the interrupt's reason when it comes meanwhile; nothing is left running then
 */
export async function startSystem(
  options: FaultOptions,
  imports: readonly string[],
  prepare: (databaseUrl: string) => Promise<void>,
  log: (line: string) => void,
  interrupt: AbortSignal,
): Promise<System> {
  const abort = new AbortController()
  const config = readStartConfig({ ...bare(options.environment), DATA_DIR: options.dataDir })
  const supervisor = createSupervisor({
    stopOrder: ['api-1', 'api-2', 'worker-1', 'worker-2', 'mail', 'redis', 'postgres'],
    log,
    signal: AbortSignal.any([abort.signal, interrupt]),
  })
  const links: TcpProxy[] = []
  const stop = async () => {
    abort.abort()
    await supervisor.stop()
    await Promise.all(links.map((link) => link.close()))
  }
  try {
    const postgres = postgresService(config, log)
    const redis = redisService(config, await findRedis({ ...config.redis, log }), log)
    const mail = await mailService(
      config,
      join(repositoryRoot, 'packages', 'dev', 'dist', 'mail-sink', 'main.js'),
    )
    for (const { service } of [postgres, redis, mail]) await supervisor.start(service)
    await migrate(postgres.url())
    await loadSampleData({ databaseUrl: postgres.url() })
    await prepare(postgres.url())

    const through = async (url: string) => {
      const proxied = new URL(url)
      const proxy = await startTcpProxy(Number(proxied.port))
      links.push(proxy)
      proxied.port = String(proxy.port)
      return { url: proxied.toString(), proxy }
    }
    const api = { redis: await through(redis.url()), postgres: await through(postgres.url()) }
    const worker = { redis: await through(redis.url()), postgres: await through(postgres.url()) }
    const smtp = await through(mail.url())
    const orderFile = (program: Program) => join(options.dataDir, `order-${program}.json`)
    const secret = randomBytes(32).toString('hex')
    const ports = { 'api-1': await freePort(), 'api-2': await freePort() }
    const start = (program: Program, app: keyof typeof APPS, stores: typeof api, env: NodeJS.ProcessEnv) =>
      supervisor.start(
        nodeService({
          name: program,
          main: join(repositoryRoot, ...APPS[app]),
          logFile: join(options.dataDir, 'logs', `${program}.log`),
          stopWithinMs: 12_000,
          env: {
            ...bare(options.environment),
            NODE_OPTIONS: [...imports, HOOK].map((each) => `--import=${each}`).join(' '),
            [ORDER_VARIABLE]: orderFile(program),
            SERVICEDESK_EMBEDDED: 'true',
            DATA_DIR: options.dataDir,
            DATABASE_URL: stores.postgres.url,
            REDIS_URL: stores.redis.url,
            SMTP_URL: smtp.url,
            // Long enough to group, and short enough to be cut short by many faults.
            MAIL_GROUP_SECONDS: '2',
            JWT_SECRET_KEY: secret,
            ...env,
          },
        }),
      )
    await Promise.all([
      ...(['api-1', 'api-2'] as const).map((name) => start(name, 'api', api, { PORT: String(ports[name]) })),
      ...(['worker-1', 'worker-2'] as const).map((name) => start(name, 'worker', worker, {})),
    ])
    const pid = (process: Process) => supervisor.pids()[process]
    return {
      apis: [`http://127.0.0.1:${ports['api-1']}/api/v1`, `http://127.0.0.1:${ports['api-2']}/api/v1`],
      databaseUrl: postgres.url(),
      redisUrl: redis.url(),
      mailbox: mailboxDir(config),
      files: join(options.dataDir, 'files'),
      links: {
        'api-redis': api.redis.proxy,
        'api-postgres': api.postgres.proxy,
        'worker-redis': worker.redis.proxy,
        'worker-postgres': worker.postgres.proxy,
        'worker-mail': smtp.proxy,
      },
      orderFile,
      pid,
      signal(process, signal) {
        const id = pid(process)
        if (id !== undefined) sendSignal(id, signal)
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The environment without what would point the system elsewhere. */
function bare(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'XDG_CACHE_HOME', 'TMPDIR', 'LANG']
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}
