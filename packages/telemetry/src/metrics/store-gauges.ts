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
 * @param more an app's own gauge over the database, read with these
 */
export function createStoreGauges(
  registry: Registry,
  deps: { db: Database; queues: Queues },
  more?: { gauge: Gauge; read: () => Promise<number> },
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

  const askDatabase = withinTime(PATIENCE_MS, () =>
    Promise.all([readOutboxFigures(deps.db), more?.read().then((value) => ({ value }))]),
  )
  const askRedis = withinTime(PATIENCE_MS, () => readQueueFigures(deps.queues))

  return {
    async refresh() {
      // Before the questions below take a connection themselves.
      const use = poolUse(deps.db)
      max.set(use.max)
      inUse.set(use.inUse)
      waiting.set(use.waiting)
      const [fromDatabase, fromRedis] = await Promise.all([askDatabase(), askRedis()])
      up.set({ dependency: 'postgresql' }, Number(fromDatabase !== undefined))
      up.set({ dependency: 'redis' }, Number(fromRedis !== undefined))
      // What did not come in time is left out, also when it comes later: it would pass for a figure of then.
      const [figures, another] = fromDatabase ?? []
      set(owed, figures?.owed)
      set(oldest, figures?.oldest_owed_seconds)
      set(dead, figures?.dead)
      if (more !== undefined) set(more.gauge, another?.value)
      for (const each of [jobs, age]) each.reset()
      for (const { queue, state, jobs: many, oldestSeconds } of fromRedis ?? []) {
        jobs.set({ queue, state }, many)
        age.set({ queue, state }, oldestSeconds)
      }
    },
  }
}

/** A gauge without a figure is not shown. */
function set(gauge: Gauge, value: number | undefined): void {
  if (value === undefined) gauge.remove()
  else gauge.set(value)
}
