import { randomBytes } from 'node:crypto'
import { freePort } from '@servicedesk/dev'
import type { RedisConnection } from '@servicedesk/jobs'
import { Redis } from 'ioredis'
import type { Teardown } from '../desk.ts'
import { until } from '../until.ts'
import { type OwnRedis, startOwnRedis } from './own-redis.ts'

const SLOTS = 16_384
const NODES = 3
const firstSlot = (node: number) => Math.floor((node * SLOTS) / NODES)

export interface OwnCluster {
  readonly connection: RedisConnection & { kind: 'cluster' }
  readonly nodes: readonly OwnRedis[]
  /** The master that keeps the keys of a prefix. */
  masterOf(prefix: string): Promise<OwnRedis>
}

/** Three masters that share the slots, without replicas. */
export async function startOwnCluster(t: Teardown): Promise<OwnCluster> {
  const password = randomBytes(12).toString('hex')
  const members = await Promise.all(
    Array.from({ length: NODES }, async () => {
      // Given, because the default, port + 10000, may be taken or no port at all.
      const busPort = await freePort()
      const settings = ['cluster-enabled yes', `cluster-port ${busPort}`, 'cluster-node-timeout 2000']
      return { node: await startOwnRedis(t, { settings, password }), busPort }
    }),
  )
  for (const [at, { node }] of members.entries()) {
    await ask(node, async (redis) => {
      await redis.call('CLUSTER', 'ADDSLOTSRANGE', firstSlot(at), firstSlot(at + 1) - 1)
      for (const { node: other, busPort } of members.slice(0, at)) {
        await redis.call('CLUSTER', 'MEET', '127.0.0.1', other.port, busPort)
      }
    })
  }
  const nodes = members.map(({ node }) => node)
  for (const node of nodes) await until('the cluster to be whole', () => isWhole(node))
  const [first] = nodes
  if (first === undefined) throw new Error('a cluster has nodes')
  return {
    connection: {
      kind: 'cluster',
      nodes: nodes.map(({ port }) => ({ host: '127.0.0.1', port })),
      username: undefined,
      password,
      tls: false,
    },
    nodes,
    async masterOf(prefix) {
      const slot = await ask(first, (redis) => redis.cluster('KEYSLOT', prefix))
      return nodes.findLast((_, at) => firstSlot(at) <= slot) ?? first
    },
  }
}

async function isWhole(node: OwnRedis): Promise<boolean> {
  const info = await ask(node, (redis) => redis.cluster('INFO'))
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${NODES}`)
}

async function ask<R>(node: OwnRedis, work: (redis: Redis) => Promise<R>): Promise<R> {
  const redis = new Redis(node.url)
  try {
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}
