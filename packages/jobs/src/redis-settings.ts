/** Where one server listens. */
export interface HostPort {
  host: string
  port: number
}

/** How one signs in to Redis, and whether the line is encrypted. */
interface Access {
  username: string | undefined
  password: string | undefined
  tls: boolean
}

/** The one way in which this deployment reaches Redis. */
export type RedisConnection =
  | { kind: 'single'; url: string }
  | ({
      kind: 'sentinel'
      sentinels: HostPort[]
      /** The name by which the sentinels know the master. */
      name: string
      sentinelPassword: string | undefined
    } & Access)
  | ({ kind: 'cluster'; nodes: HostPort[] } & Access)

/** The hash tag keeps all our keys in one slot of a Redis Cluster, as BullMQ's scripts need. */
export const DEFAULT_PREFIX = '{servicedesk}'

type Reader = (env: NodeJS.ProcessEnv, problems: string[]) => RedisConnection

const WAYS = ['REDIS_URL', 'REDIS_SENTINELS', 'REDIS_CLUSTER_NODES'] as const

/**
 * Reads from the environment how to reach Redis: by `REDIS_URL`, `REDIS_SENTINELS` or `REDIS_CLUSTER_NODES`.
 * @param problems gets a sentence for everything that is wrong; the answer is of no use then
 */
export function readRedisConnection(env: NodeJS.ProcessEnv, problems: string[]): RedisConnection {
  const set = WAYS.filter((name) => text(env, name) !== undefined)
  if (set.length > 1) problems.push(`only one of ${set.join(' and ')} may be set`)
  if (set.length === 0) problems.push(`REDIS_URL is not set (nor ${WAYS[1]} or ${WAYS[2]})`)
  // All that are set, for the problems of each.
  const [connection] = set.map((way) => READERS[way](env, problems))
  return connection ?? { kind: 'single', url: '' }
}

/**
 * The prefix of all keys.
 * @param problems gets a sentence when a Redis Cluster would spread such keys over its nodes
 */
export function readRedisPrefix(env: NodeJS.ProcessEnv, problems: string[]): string {
  const prefix = text(env, 'REDIS_PREFIX') ?? DEFAULT_PREFIX
  // As Redis looks for it: what is between the first { and the next }, unless that is nothing.
  if (!/^[^{]*\{[^}]+\}/.test(prefix)) {
    problems.push(`REDIS_PREFIX must hold a hash tag in braces, such as "${DEFAULT_PREFIX}", not "${prefix}"`)
  }
  return prefix
}

/** Names the servers for a message: addresses only, no user and no password. */
export function describeRedis(connection: RedisConnection): { variable: string; addresses: string } {
  const list = (servers: readonly HostPort[]) => servers.map(addressOf).join(', ')
  switch (connection.kind) {
    case 'single':
      return { variable: 'REDIS_URL', addresses: new URL(connection.url).host }
    case 'sentinel':
      return { variable: 'REDIS_SENTINELS', addresses: `${connection.name} of ${list(connection.sentinels)}` }
    case 'cluster':
      return { variable: 'REDIS_CLUSTER_NODES', addresses: list(connection.nodes) }
  }
}

function addressOf({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function text(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name]?.trim() || undefined
}

const READERS: Record<(typeof WAYS)[number], Reader> = {
  REDIS_URL: (env, problems) => {
    const given = text(env, 'REDIS_URL') ?? ''
    const url = URL.canParse(given) ? new URL(given) : undefined
    if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
      problems.push('REDIS_URL must be a redis:// or rediss:// address')
      return { kind: 'single', url: '' }
    }
    // What the address says itself comes first.
    if (url.username === '' && url.password === '') {
      const { username = '', password = '' } = readUser(env)
      url.username = encodeURIComponent(username)
      url.password = encodeURIComponent(password)
    }
    return { kind: 'single', url: url.toString() }
  },
  REDIS_SENTINELS: (env, problems) => {
    const { servers, tls } = readServers(env, 'REDIS_SENTINELS', 26_379, problems)
    const name = text(env, 'REDIS_SENTINEL_NAME') ?? 'mymaster'
    const sentinelPassword = text(env, 'REDIS_SENTINEL_PASSWORD')
    return { kind: 'sentinel', sentinels: servers, name, sentinelPassword, ...readUser(env), tls }
  },
  REDIS_CLUSTER_NODES: (env, problems) => {
    const { servers, tls } = readServers(env, 'REDIS_CLUSTER_NODES', 6_379, problems)
    return { kind: 'cluster', nodes: servers, ...readUser(env), tls }
  },
}

function readUser(env: NodeJS.ProcessEnv) {
  return { username: text(env, 'REDIS_USERNAME'), password: text(env, 'REDIS_PASSWORD') }
}

/** A list such as `a:7000,b:7001`; written with rediss:// in front of each, the lines are encrypted. */
function readServers(
  env: NodeJS.ProcessEnv,
  name: string,
  defaultPort: number,
  problems: string[],
): { servers: HostPort[]; tls: boolean } {
  const entries = (text(env, name) ?? '').split(',').map((entry) => entry.trim())
  const urls = entries.map((entry) => readServer(entry))
  entries.forEach((entry, at) => {
    if (urls[at] === undefined) problems.push(`${name}: "${entry}" is not host:port`)
  })
  const known = urls.filter((url) => url !== undefined)
  const encrypted = known.filter((url) => url.protocol === 'rediss:')
  if (encrypted.length > 0 && encrypted.length < known.length) {
    problems.push(`${name}: rediss:// must stand before all addresses or before none`)
  }
  const servers = known.map(({ hostname, port }) => ({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? defaultPort : Number(port),
  }))
  return { servers, tls: encrypted.length > 0 }
}

function readServer(entry: string): URL | undefined {
  const address = /^rediss?:\/\//.test(entry) ? entry : `redis://${entry}`
  const url = URL.canParse(address) ? new URL(address) : undefined
  const isBare =
    url !== undefined &&
    /^[\w.:[\]-]+$/.test(url.host) &&
    url.port !== '0' &&
    `${url.username}${url.password}${url.pathname}${url.search}${url.hash}` === ''
  return isBare ? url : undefined
}
