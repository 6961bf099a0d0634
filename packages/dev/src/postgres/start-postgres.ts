import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ensureFolder } from '../../bootstrap/ensure-folder.mjs'
import { logSize, tailOfLog } from '../process/log-file.ts'
import { freePort } from '../process/ports.ts'
import { type ServerProcess, startServerProcess } from '../process/server-process.ts'
import { UserError } from '../user-error.ts'
import { type PostgresBinaries, postgresBinaries } from './binaries.ts'
import { ensureDatabase } from './ensure-database.ts'
import { serverEnvironment } from './environment.ts'
import { initCluster, superuser, superuserPassword } from './init-cluster.ts'
import { clearLeftover } from './leftover.ts'
import { type ServerUser, serverUser } from './server-user.ts'
import { defaultSettings, type Settings, settingArguments } from './settings.ts'
import { waitUntilReady } from './wait-until-ready.ts'

export const databaseName = 'servicedesk'

export interface PostgresOptions {
  /** The cluster's folder; made when missing. */
  dataDir: string
  logFile?: string
  /** PostgreSQL settings over the defaults. */
  settings?: Settings
  /** Where it must listen (a restart); any free port when left out. */
  port?: number
  log: (line: string) => void
  signal?: AbortSignal
}

export interface PostgresServer {
  /** Of the database `servicedesk`. */
  readonly url: string
  /** Of the database `postgres`, for who makes databases. */
  readonly adminUrl: string
  readonly port: number
  readonly pid: number
  readonly exited: Promise<string>
  /** Shuts down: open transactions are rolled back, everything committed is on the disk. */
  stop(graceMs?: number): Promise<boolean>
}

/**
 * Starts a PostgreSQL of our own on 127.0.0.1, with its cluster and database made when missing.
 * @throws UserError when it cannot run here
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  ensureFolder(dirname(options.dataDir))
  const dataDir = join(realpathSync(dirname(options.dataDir)), basename(options.dataDir))
  const settings = { ...defaultSettings, ...options.settings }
  const launch: Launch = {
    ...options,
    dataDir,
    settings,
    binaries: postgresBinaries(),
    user: serverUser(dataDir),
  }
  await clearLeftover(dataDir, options.log)
  initCluster({ ...launch, sync: settings.fsync !== 'off' })
  const { server, port } = await launchServer(launch)
  const url = (database: string) =>
    `postgres://${superuser}:${superuserPassword(dataDir)}@127.0.0.1:${port}/${database}`
  const stop = (graceMs = 10_000) => server.stop('SIGINT', graceMs)
  try {
    await ensureDatabase(url('postgres'), databaseName)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: url(databaseName),
    adminUrl: url('postgres'),
    port,
    pid: server.pid,
    exited: server.exited,
    stop,
  }
}

interface Launch extends PostgresOptions {
  settings: Settings
  binaries: PostgresBinaries
  user: ServerUser
}

/** Tries again while the port is lost to somebody else, or while a killed server's last processes are still leaving. */
async function launchServer(launch: Launch): Promise<{ server: ServerProcess; port: number }> {
  for (let tries = 1; ; tries++) {
    const port = launch.port ?? (await freePort())
    const logFile = launch.logFile ?? `${launch.dataDir}.log`
    const logged = logSize(logFile)
    const program = launch.user.command(launch.binaries.postgres, [
      '-D',
      launch.dataDir,
      ...settingArguments({ ...launch.settings, port: String(port) }),
    ])
    const server = await startServerProcess({ ...program, env: serverEnvironment(), logFile })
    if (await waitUntilReady(server, launch.dataDir, launch.signal)) return { server, port }
    const words = tailOfLog(logFile, 15, logged)
    const passing = /could not bind|could not create any TCP|pre-existing shared memory/.test(words)
    if (!passing || tries === 20) throw new UserError(`PostgreSQL does not start:\n${words}`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
