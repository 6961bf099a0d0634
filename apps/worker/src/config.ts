import { hostname } from 'node:os'
import { DEFAULT_MAIL, isWeakSecret, LONGEST_GROUP_SECONDS, MIN_SECRET } from '@servicedesk/core'
import { readScanner, readStorage, type ScannerSettings, type StorageSettings } from '@servicedesk/files'
import {
  isQueueName,
  QUEUES,
  type QueueName,
  type RedisConnection,
  readRedisConnection,
  readRedisPrefix,
} from '@servicedesk/jobs'
import { readTracing, type TracingSettings } from '@servicedesk/telemetry'

export interface WorkerConfig {
  databaseUrl: string
  /** Where exports are read; undefined for the database itself. */
  databaseReplicaUrl: string | undefined
  redis: RedisConnection
  redisPrefix: string
  queues: QueueName[]
  smtpUrl: string | undefined
  mailFrom: string
  /** How long a mail about a ticket waits for what else there is to tell; 0 for not at all. */
  mailGroupSeconds: number
  /** What mails call the desk. */
  productName: string
  /** Where people read tickets: links in mails lead there. */
  webUrl: string
  /** Where files live. */
  storage: StorageSettings
  /** What scans new files; undefined for nothing. */
  scanner: ScannerSettings | undefined
  logLevel: string
  /** Port of health and metrics; undefined for none. */
  healthPort: number | undefined
  healthHost: string
  shutdownTimeoutMs: number
  /** How much the operating system lets others go first, from 0 to 19: work that waits against people who wait. */
  niceness: number
  /** How spans leave the process; undefined for no tracing. */
  tracing: TracingSettings | undefined
  isProduction: boolean
}

const DEFAULT_NICENESS = 5

/**
 * Reads the worker's settings; the one place of this app that knows the environment.
 * @throws Error that lists every problem at once
 */
export function readConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const problems: string[] = []
  const isProduction = env.NODE_ENV === 'production'
  const required = (name: string): string => {
    const value = env[name]
    if (!value) problems.push(`${name} is not set`)
    return value ?? ''
  }
  const whole = (name: string, fallback: number | undefined, most = Number.MAX_SAFE_INTEGER) => {
    const text = env[name]
    if (text === undefined || text === '') return fallback
    const value = Number(text)
    if (Number.isInteger(value) && value >= 0 && value <= most) return value
    problems.push(`${name} must be a whole number up to ${most}, not "${text}"`)
    return fallback
  }
  const names = (env.WORKER_QUEUES ?? QUEUES.join(',')).split(',').map((name) => name.trim())
  for (const name of names) {
    if (!isQueueName(name)) problems.push(`WORKER_QUEUES: "${name}" is none of ${QUEUES.join(', ')}`)
  }
  // A worker without SMTP would let every mail become a dead letter.
  const smtpUrl = isProduction ? required('SMTP_URL') : env.SMTP_URL
  // The worker signs nothing today, but a deployment that runs it with the sample secret runs the API with it too.
  checkSecret(env, isProduction, problems)
  const productName = readProductName(env, problems)
  const config: WorkerConfig = {
    databaseUrl: required('DATABASE_URL'),
    databaseReplicaUrl: env.DATABASE_REPLICA_URL || undefined,
    redis: readRedisConnection(env, problems),
    redisPrefix: readRedisPrefix(env, problems),
    queues: names.filter(isQueueName),
    smtpUrl,
    mailFrom: env.MAIL_FROM || `${productName} <servicedesk@localhost>`,
    mailGroupSeconds:
      whole('MAIL_GROUP_SECONDS', DEFAULT_MAIL.groupSeconds, LONGEST_GROUP_SECONDS) ??
      DEFAULT_MAIL.groupSeconds,
    productName,
    webUrl: (env.WEB_URL || env.PUBLIC_URL || 'http://127.0.0.1:3000').replace(/\/+$/, ''),
    storage: readStorage(env, problems),
    scanner: readScanner(env, problems),
    logLevel: env.LOG_LEVEL ?? 'info',
    healthPort: whole('WORKER_PORT', undefined, 65_535),
    healthHost: env.WORKER_HOST ?? '127.0.0.1',
    tracing: readTracing(env, problems),
    shutdownTimeoutMs: (whole('SHUTDOWN_TIMEOUT', 10) ?? 10) * 1_000,
    niceness: whole('WORKER_NICE', DEFAULT_NICENESS, 19) ?? DEFAULT_NICENESS,
    isProduction,
  }
  if (problems.length > 0) throw new Error(`${hostname()}: the worker cannot start: ${problems.join('; ')}`)
  return config
}

/** A name as people write one: on one line, and short enough for a mail's heading. */
function readProductName(env: NodeJS.ProcessEnv, problems: string[]): string {
  const name = env.PRODUCT_NAME?.trim() || 'ServiceDesk'
  if (name.length <= 60 && !/[\p{Cc}\p{Zl}\p{Zp}<>"]/u.test(name)) return name
  problems.push('PRODUCT_NAME must be a name of at most 60 characters on one line, without <, > and "')
  return 'ServiceDesk'
}

function checkSecret(env: NodeJS.ProcessEnv, isProduction: boolean, problems: string[]): void {
  if (!isProduction) return
  const secret = env.JWT_SECRET_KEY ?? env.SECRET_KEY ?? ''
  if (secret === '') problems.push('JWT_SECRET_KEY is not set')
  else if (isWeakSecret(secret))
    problems.push(`JWT_SECRET_KEY is a sample or shorter than ${MIN_SECRET} characters`)
}
