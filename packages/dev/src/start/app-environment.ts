import { join } from 'node:path'
import type { StartConfig } from '../config.ts'
import { keptSecret } from './secrets.ts'

/** Where the stores of this run are. */
export interface Addresses {
  url: string
  databaseUrl: string
  /** Of our own Redis; what the user set is in the environment. */
  redisUrl: string | undefined
  smtpUrl: string
}

/** What the API and the worker get to see: what the user set, over it the addresses of this run. */
export function appEnvironment(config: StartConfig, port: number, addresses: Addresses): NodeJS.ProcessEnv {
  return {
    // Seconds they take to finish what they are at; the supervisor kills them soon after.
    SHUTDOWN_TIMEOUT: '3',
    // Whoever tries the desk looks for its mail soon.
    MAIL_GROUP_SECONDS: '5',
    ...config.environment,
    DATABASE_URL: addresses.databaseUrl,
    ...(addresses.redisUrl === undefined ? {} : { REDIS_URL: addresses.redisUrl }),
    SMTP_URL: addresses.smtpUrl,
    DATA_DIR: config.dataDir,
    HOST: config.host,
    PORT: String(port),
    PUBLIC_URL: addresses.url,
    SERVICEDESK_EMBEDDED: 'true',
    ...(config.hasJwtSecret ? {} : { JWT_SECRET_KEY: keptSecret(join(config.dataDir, 'secrets', 'jwt')) }),
  }
}

/** The address a browser on this machine reaches the API by. */
export function localUrl(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
