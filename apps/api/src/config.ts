import { DEFAULT_MAIL, isWeakSecret, LONGEST_GROUP_SECONDS, MIN_SECRET } from '@servicedesk/core'
import { readScanner, readStorage, type ScannerSettings, type StorageSettings } from '@servicedesk/files'
import { type RedisConnection, readRedisConnection, readRedisPrefix } from '@servicedesk/jobs'
import { readTracing, type TracingSettings } from '@servicedesk/telemetry'

export interface ApiConfig {
  host: string
  port: number
  databaseUrl: string
  /** Where figures and exports are read; undefined for the database itself. */
  databaseReplicaUrl: string | undefined
  redis: RedisConnection
  redisPrefix: string
  /** Signs access tokens, links and cookies. */
  secret: string
  accessTokenMinutes: number
  refreshTokenDays: number
  /** Nobody can find out which addresses have accounts: registering goes by mail. */
  hidesAccounts: boolean
  /** Exact origins; in embedded mode pages on any localhost port too. */
  corsOrigins: string[]
  publicUrl: string
  /** Where files live. */
  storage: StorageSettings
  /** How content leaves: through the API, or by a redirect to the stores that have links. */
  filesDelivery: 'stream' | 'redirect'
  /** Bytes that all files of one person may have together; undefined for any number. */
  uploadQuotaBytes: number | undefined
  /** How long a mail about a ticket waits for what else there is to tell; 0 for not at all. */
  mailGroupSeconds: number
  /** What scans new files; undefined for nothing. */
  scanner: ScannerSettings | undefined
  dataDir: string
  logLevel: string
  /** Lets a scraper read /metrics without an account. */
  metricsToken: string | undefined
  trustedProxies: string[]
  /** How spans leave the process; undefined for no tracing. */
  tracing: TracingSettings | undefined
  shutdownTimeoutMs: number
  /** The relaxed rules of `npm start`: common passwords, high rate limits, localhost origins. */
  isEmbedded: boolean
  isProduction: boolean
}

/**
 * Reads the API's settings; the one place of this app that knows the environment.
 * @throws Error that lists every problem at once
 */
export function readConfig(env: NodeJS.ProcessEnv): ApiConfig {
  const problems: string[] = []
  const isProduction = env.NODE_ENV === 'production'
  const required = (name: string) => {
    const value = env[name]
    if (!value) problems.push(`${name} is not set`)
    return value ?? ''
  }
  const whole = (name: string, fallback: number, max = Number.MAX_SAFE_INTEGER) => {
    const text = env[name]
    if (text === undefined || text === '') return fallback
    const value = Number(text)
    if (Number.isInteger(value) && value >= 0 && value <= max) return value
    problems.push(`${name} must be a whole number up to ${max}, not "${text}"`)
    return fallback
  }
  const flag = (name: string) => {
    const value = env[name]
    if (value && !['true', 'false'].includes(value)) problems.push(`${name} must be true or false`)
    return value === 'true'
  }
  const list = (name: string) => splitList(env[name] ?? '', name, problems)
  const secret = env.JWT_SECRET_KEY || env.SECRET_KEY || ''
  if (secret === '') problems.push('JWT_SECRET_KEY is not set')
  else if (isProduction && isWeakSecret(secret)) {
    problems.push(`JWT_SECRET_KEY is a sample or shorter than ${MIN_SECRET} characters`)
  }
  const host = env.HOST || '127.0.0.1'
  const port = whole('PORT', 3000, 65_535)
  const delivery = env.FILES_DELIVERY || 'stream'
  if (!['stream', 'redirect'].includes(delivery)) problems.push('FILES_DELIVERY must be stream or redirect')
  const config: ApiConfig = {
    host,
    port,
    databaseUrl: required('DATABASE_URL'),
    databaseReplicaUrl: env.DATABASE_REPLICA_URL || undefined,
    redis: readRedisConnection(env, problems),
    redisPrefix: readRedisPrefix(env, problems),
    secret,
    accessTokenMinutes: whole('ACCESS_TOKEN_EXPIRE_MINUTES', 30),
    refreshTokenDays: whole('REFRESH_TOKEN_EXPIRE_DAYS', 7),
    hidesAccounts: flag('AUTH_HIDE_ACCOUNTS'),
    corsOrigins: list('BACKEND_CORS_ORIGINS'),
    publicUrl: (env.PUBLIC_URL || `http://${host}:${port}`).replace(/\/+$/, ''),
    storage: readStorage(env, problems),
    filesDelivery: delivery === 'redirect' ? 'redirect' : 'stream',
    uploadQuotaBytes: whole('UPLOAD_QUOTA_MB', 2_048) * 1024 ** 2 || undefined,
    mailGroupSeconds: whole('MAIL_GROUP_SECONDS', DEFAULT_MAIL.groupSeconds, LONGEST_GROUP_SECONDS),
    scanner: readScanner(env, problems),
    dataDir: env.DATA_DIR ?? '.data',
    logLevel: env.LOG_LEVEL ?? 'info',
    metricsToken: env.METRICS_TOKEN || undefined,
    trustedProxies: list('TRUSTED_PROXIES'),
    tracing: readTracing(env, problems),
    shutdownTimeoutMs: whole('SHUTDOWN_TIMEOUT', 10) * 1_000,
    isEmbedded: env.SERVICEDESK_EMBEDDED === 'true' && !isProduction,
    isProduction,
  }
  if (problems.length > 0) throw new Error(`the API cannot start: ${problems.join('; ')}`)
  return config
}

/** A JSON array or commas, as existing deployments write `BACKEND_CORS_ORIGINS`. */
function splitList(text: string, name: string, problems: string[]): string[] {
  if (!text.trim().startsWith('['))
    return text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value) && value.every((part) => typeof part === 'string')) return value
  } catch {
    // The one message below says it for both.
  }
  problems.push(`${name} must be a JSON array of strings, or commas`)
  return []
}
