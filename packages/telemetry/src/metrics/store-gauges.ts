import { type Database, poolUse } from '@servicedesk/db/client'
import { type Queues, readOutboxFigures, readQueueFigures } from '@servicedesk/jobs'
import { Gauge, type Registry } from 'prom-client'
import { withinTime } from './within-time.ts'

/** A scraper gives up after 10 s as a rule; what is known must not wait for what is not. */
const PATIENCE_MS = 1_500

export interface StoreGauges {
  /** Asks PostgreSQL and Redis anew, for at most 1.5 s; never throws. Whatever cannot be had is left out. */
  refresh(): Promise<void>
}

/**
 * Gauges of what PostgreSQL and Redis hold, and of the pool. Not by prom-client's `collect`: gauges are read side by
 * side there, and one answer fills several.
 * @param more an app's own gauges over the database, read and reset with these
 */
export function createStoreGauges(
  registry: Registry,
  deps: { db: Database; queues: Queues },
  more?: { read: () => Promise<void>; reset: () => void },
): StoreGauges {
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name: `servicedesk_${name}`, help, labelNames, registers: [registry] })
  const up = gauge('dependency_up', 'Whether the store answered this scrape', ['dependency'])
  const owed = gauge('outbox_owed', 'Outbox rows that are neither done nor dead')
  const oldest = gauge('outbox_oldest_owed_seconds', 'Age of the oldest due outbox row that is not done')
  const dead = gauge('outbox_dead', 'Outbox rows that are dead letters')
  const jobs = gauge('queue_jobs', 'Jobs in a queue by state', ['queue', 'state'])
  const age = gauge('queue_oldest_seconds', 'Age of the job first in line, by state', ['queue', 'state'])
  const max = gauge('db_pool_connections_max', 'Most connections that the pool opens')
  const inUse = gauge('db_pool_in_use', 'Queries and transactions that have a connection')
  const waiting = gauge('db_pool_waiting', 'Queries and transactions that wait for a connection')

  const outbox = async () => {
    const [figures] = await Promise.all([readOutboxFigures(deps.db), more?.read()])
    owed.set(figures.owed)
    oldest.set(figures.oldest_owed_seconds)
    dead.set(figures.dead)
  }
  const queues = async () => {
    for (const { queue, state, jobs: many, oldestSeconds } of await readQueueFigures(deps.queues)) {
      jobs.set({ queue, state }, many)
      age.set({ queue, state }, oldestSeconds)
    }
  }
  const askDatabase = withinTime(PATIENCE_MS, outbox)
  const askRedis = withinTime(PATIENCE_MS, queues)

  return {
    async refresh() {
      // Before the questions below take a connection themselves.
      const use = poolUse(deps.db)
      max.set(use.max)
      inUse.set(use.inUse)
      waiting.set(use.waiting)
      const [postgresUp, redisUp] = await Promise.all([askDatabase(), askRedis()])
      up.set({ dependency: 'postgresql' }, Number(postgresUp))
      up.set({ dependency: 'redis' }, Number(redisUp))
      // A figure of some time ago would pass for one of now.
      if (!postgresUp) {
        for (const each of [owed, oldest, dead]) each.remove()
        more?.reset()
      }
      if (!redisUp) for (const each of [jobs, age]) each.reset()
    },
  }
}
