import { randomBytes } from 'node:crypto'
import type { RedisConnection } from '@servicedesk/jobs'
import { Redis } from 'ioredis'
import type { Teardown } from '../desk.ts'
import { until } from '../until.ts'
import { type OwnRedis, startOwnRedis } from './own-redis.ts'

const NAME = 'desk'
const QUORUM = 2

export interface OwnSentinels {
  readonly connection: RedisConnection & { kind: 'sentinel' }
  /** Of the beginning; after a failover the replica is the master. */
  readonly master: OwnRedis
  readonly replica: OwnRedis
}

/** A master, a replica and three sentinels that have found each other and replace a silent master after a second. */
export async function startOwnSentinels(t: Teardown): Promise<OwnSentinels> {
  const password = randomBytes(12).toString('hex')
  const settings = [`masterauth ${password}`]
  const master = await startOwnRedis(t, { settings, password })
  const replica = await startOwnRedis(t, {
    settings: [...settings, `replicaof 127.0.0.1 ${master.port}`],
    password,
  })
  const watching = [
    `sentinel monitor ${NAME} 127.0.0.1 ${master.port} ${QUORUM}`,
    `sentinel auth-pass ${NAME} ${password}`,
    `sentinel down-after-milliseconds ${NAME} 1000`,
    `sentinel failover-timeout ${NAME} 5000`,
  ]
  const start = () => startOwnRedis(t, { settings: watching, arguments: ['--sentinel'], password })
  const sentinels = await Promise.all([start(), start(), start()])
  for (const sentinel of sentinels) await until('the sentinels to know all', () => knowsAll(sentinel))
  return {
    connection: {
      kind: 'sentinel',
      sentinels: sentinels.map(({ port }) => ({ host: '127.0.0.1', port })),
      name: NAME,
      sentinelPassword: password,
      username: undefined,
      password,
      tls: false,
    },
    master,
    replica,
  }
}

async function knowsAll(sentinel: OwnRedis): Promise<boolean> {
  const redis = new Redis(sentinel.url)
  try {
    const facts = (await redis.call('SENTINEL', 'MASTER', NAME)) as string[]
    const fact = (name: string) => facts[facts.indexOf(name) + 1]
    return fact('num-slaves') === '1' && fact('num-other-sentinels') === '2' && fact('flags') === 'master'
  } finally {
    redis.disconnect()
  }
}
