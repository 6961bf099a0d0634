import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RedisConnection, readRedisConnection, readRedisPrefix } from '@servicedesk/jobs'
import { readRunRecord } from './start/run-record.ts'
import { UserError } from './user-error.ts'

// The one file of this package that reads process.env.

/** The folder of the repository's package.json. */
export const repositoryRoot = resolve(fileURLToPath(import.meta.url), '..', '..', '..', '..')

export interface StartConfig {
  /** Absolute. */
  dataDir: string
  host: string
  /** 0 means any free port. */
  port: number
  publicUrl: string | undefined
  databaseUrl: string | undefined
  /** The Redis to use instead of one of our own. */
  givenRedis: RedisConnection | undefined
  smtpUrl: string | undefined
  /** The user set a secret of their own. */
  hasJwtSecret: boolean
  production: boolean
  redis: RedisLocations
  /** What the programs we start inherit. */
  environment: NodeJS.ProcessEnv
}

export interface RedisLocations {
  path: string
  /** Where a downloaded Redis may be kept, best first. */
  cacheDirs: string[]
}

/**
 * What `npm start` is told by the environment.
 * @throws UserError with every problem listed
 */
export function readStartConfig(env: NodeJS.ProcessEnv = process.env): StartConfig {
  const dataDir = readDataDir(env)
  const port = Number(text(env, 'PORT') ?? '3000')
  const urls = {
    databaseUrl: text(env, 'DATABASE_URL'),
    smtpUrl: text(env, 'SMTP_URL'),
  }
  const redisProblems: string[] = []
  const isGiven = ['REDIS_URL', 'REDIS_SENTINELS', 'REDIS_CLUSTER_NODES'].some((name) => text(env, name))
  const givenRedis = isGiven ? readRedisConnection(env, redisProblems) : undefined
  readRedisPrefix(env, redisProblems)
  const problems = [
    ...(Number.isInteger(port) && port >= 0 && port <= 65535
      ? []
      : ['PORT must be a number from 0 to 65535.']),
    ...urlProblems('DATABASE_URL', urls.databaseUrl, ['postgres:', 'postgresql:']),
    ...redisProblems,
    ...urlProblems('SMTP_URL', urls.smtpUrl, ['smtp:', 'smtps:']),
  ]
  if (problems.length > 0) throw new UserError(problems.join('\n'))
  return {
    dataDir,
    host: text(env, 'HOST') ?? '127.0.0.1',
    port,
    publicUrl: text(env, 'PUBLIC_URL'),
    ...urls,
    givenRedis,
    hasJwtSecret: (text(env, 'JWT_SECRET_KEY') ?? text(env, 'SECRET_KEY')) !== undefined,
    production: env.NODE_ENV === 'production',
    redis: redisLocations(env, join(dataDir, 'cache')),
    environment: { ...env, NODE_ENV: text(env, 'NODE_ENV') ?? 'development' },
  }
}

/** What `npm test` is told by the environment; `scratchDir` may keep a downloaded Redis where no cache can. */
export function readTestConfig(scratchDir: string, env: NodeJS.ProcessEnv = process.env) {
  const fallback = join(readDataDir(env), 'cache')
  const { path, cacheDirs } = redisLocations(env, fallback)
  return { redis: { path, cacheDirs: [...cacheDirs, join(scratchDir, 'cache')] }, environment: { ...env } }
}

/**
 * The database that `npm run migrate` works on.
 * @throws UserError when it is not named
 */
export function readDatabaseUrl(env: NodeJS.ProcessEnv = process.env): string {
  const url = text(env, 'DATABASE_URL')
  if (url === undefined) {
    throw new UserError(
      'Set DATABASE_URL to the PostgreSQL database to work on, for example postgres://user:password@host:5432/servicedesk.',
    )
  }
  const problems = urlProblems('DATABASE_URL', url, ['postgres:', 'postgresql:'])
  if (problems.length > 0) throw new UserError(problems.join('\n'))
  return url
}

/**
 * The database that a command of a running desk works on: the one named, else that of `npm start` on this DATA_DIR.
 * @throws UserError when there is neither
 */
export function readRunningDatabaseUrl(env: NodeJS.ProcessEnv = process.env): string {
  if (text(env, 'DATABASE_URL') !== undefined) return readDatabaseUrl(env)
  const dataDir = readDataDir(env)
  const running = readRunRecord(dataDir)
  if (running !== undefined) return running.databaseUrl
  throw new UserError(
    `Nothing runs on ${dataDir}: run npm start, or set DATABASE_URL to the PostgreSQL database to work on.`,
  )
}

/** Whether this is a production environment, where known passwords have no place. */
export function readIsProduction(env: NodeJS.ProcessEnv = process.env): boolean {
  return env.NODE_ENV === 'production'
}

/** The first admin's password: from the environment, because arguments can be read by every user of a machine. */
export function readAdminPassword(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env.ADMIN_PASSWORD || undefined
}

function readDataDir(env: NodeJS.ProcessEnv): string {
  return resolve(repositoryRoot, text(env, 'DATA_DIR') ?? '.data')
}

function redisLocations(env: NodeJS.ProcessEnv, fallback: string): RedisLocations {
  const home = text(env, 'HOME') ?? homedir()
  const cacheHome = text(env, 'XDG_CACHE_HOME') ?? (isAbsolute(home) ? join(home, '.cache') : undefined)
  const cacheDirs = cacheHome === undefined ? [fallback] : [join(cacheHome, 'servicedesk'), fallback]
  return { path: env.PATH ?? '', cacheDirs }
}

function text(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name]?.trim()
  return value === '' ? undefined : value
}

function urlProblems(name: string, value: string | undefined, protocols: readonly string[]): string[] {
  if (value === undefined) return []
  const protocol = URL.canParse(value) ? new URL(value).protocol : undefined
  return protocol !== undefined && protocols.includes(protocol)
    ? []
    : [`${name} must be a ${protocols[0]}// address.`]
}
