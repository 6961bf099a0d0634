import type postgres from 'postgres'
import type { Database } from './executor.ts'

/** Queries and transactions under way in a pool, of those that Drizzle sends. */
export interface PoolUse {
  /** The most connections that the pool opens. */
  max: number
  /** Each of these has a connection, or shares one with others. */
  inUse: number
  /** Work beyond that: it waits for a connection. */
  waiting: number
}

const underWay = new WeakMap<object, number>()

/** Counts a client's work; postgres.js tells nothing of its pool. */
export function countUse(client: postgres.Sql): postgres.Sql {
  const count = (change: number) => underWay.set(client, (underWay.get(client) ?? 0) + change)
  const counted = <W extends PromiseLike<unknown>>(work: W): W => {
    count(1)
    const end = () => void count(-1)
    work.then(end, end)
    return work
  }
  const unsafe = client.unsafe.bind(client)
  const begin = client.begin.bind(client) as (...args: unknown[]) => Promise<unknown>
  return Object.assign(client, {
    unsafe: (...args: Parameters<typeof unsafe>) => counted(unsafe(...args)),
    begin: (...args: unknown[]) => counted(begin(...args)),
  })
}

/** How much of a database's pool is in use at this moment. */
export function poolUse(db: Database): PoolUse {
  const { max } = db.$client.options
  const work = underWay.get(db.$client) ?? 0
  return { max, inUse: Math.min(work, max), waiting: Math.max(0, work - max) }
}
