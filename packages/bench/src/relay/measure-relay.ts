import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeDatabase, createDatabase, type Database } from '@servicedesk/db'
import { closeQueues, createQueues, createRedis, type Queues } from '@servicedesk/jobs'
import type { BenchServers } from '../servers.ts'
import type { Servers, Work } from './relay-process.ts'

const ROWS = 20_000
const RELAYS = 4
/** Processes that run for days are warm: so many rows go through each before the clock starts. */
const WARM_UP = 4_000

interface Desk {
  db: Database
  queues: Queues
  relays: ChildProcess[]
}

/**
 * How many owed rows four relay processes hand to Redis a second, against the same processes only adding such jobs
 * and only leasing such rows; and whether any row went out twice.
 */
export async function measureRelay({ databaseUrl, redisUrl }: BenchServers): Promise<void> {
  const servers: Servers = { databaseUrl, redisUrl, prefix: '{bench-relay}' }
  const db = createDatabase(databaseUrl, { max: 4 })
  const redis = createRedis({ kind: 'single', url: redisUrl }, (error) => console.error(error.message))
  const queues = createQueues(redis, servers.prefix, (error) => console.error(error.message))
  const relays = await Promise.all(Array.from({ length: RELAYS }, () => startRelay(servers)))
  const desk: Desk = { db, queues, relays }
  try {
    await measureAll(desk)
  } finally {
    await Promise.all(relays.map(endRelay))
    await clear(desk)
    await closeQueues(queues)
    redis.disconnect()
    await closeDatabase(db)
  }
}

async function measureAll(desk: Desk): Promise<void> {
  const kinds = [
    ['only addBulk', addBulkShares],
    ['only lease', () => Array.from({ length: RELAYS }, () => ({ kind: 'lease' as const }))],
    [`${RELAYS} relays`, () => Array.from({ length: RELAYS }, () => ({ kind: 'relay' as const }))],
  ] as const
  const rates: number[] = []
  for (const [name, shares] of kinds) {
    await run(desk, shares(WARM_UP), WARM_UP)
    const rate = ROWS / (await run(desk, shares(ROWS), ROWS))
    rates.push(rate)
    console.log(`${name.padEnd(34)}${rate.toFixed(0).padStart(7)} rows/s`)
  }
  const [addBulk = 0, lease = 0, relay = 0] = rates
  console.log(`${'ratio to only addBulk'.padEnd(34)}${(relay / addBulk).toFixed(2).padStart(7)}`)
  console.log(`${'ratio to only lease'.padEnd(34)}${(relay / lease).toFixed(2).padStart(7)}`)
  const { twice, missing, jobs } = await countOutcome(desk)
  console.log(`${'rows that went out twice'.padEnd(34)}${String(twice).padStart(7)}`)
  console.log(`${'rows that did not go out'.padEnd(34)}${String(missing).padStart(7)}`)
  console.log(`${'jobs in Redis'.padEnd(34)}${String(jobs).padStart(7)}\n`)
  if (twice > 0 || missing > 0 || jobs !== ROWS) process.exitCode = 1
}

const addBulkShares = (rows: number): Work[] =>
  Array.from({ length: RELAYS }, (_, n) => ({
    kind: 'addBulk' as const,
    many: rows / RELAYS,
    from: (n * rows) / RELAYS,
  }))

/** Every process does its share of the work at the same time. */
async function run(desk: Desk, shares: readonly Work[], rows: number): Promise<number> {
  await clear(desk)
  await owe(desk.db, rows)
  const started = performance.now()
  await Promise.all(
    desk.relays.map(async (relay, n) => {
      const done = nextMessage(relay)
      relay.send(shares[n] as Work)
      await done
    }),
  )
  return (performance.now() - started) / 1_000
}

/** @throws Error when the process ends instead */
async function nextMessage(relay: ChildProcess): Promise<void> {
  const ended = new AbortController()
  const gone = once(relay, 'exit', { signal: ended.signal }).then(() => {
    throw new Error('a relay process ended')
  })
  await Promise.race([once(relay, 'message'), gone]).finally(() => ended.abort())
}

async function clear({ db, queues }: Desk): Promise<void> {
  await db.$client`TRUNCATE outbox`
  await queues.assignment.obliterate({ force: true })
}

/** Rows whose writer died at once: nobody holds a lease. */
async function owe(db: Database, rows: number): Promise<void> {
  await db.$client`
    INSERT INTO outbox (queue, name, payload)
    SELECT 'assignment', 'ticket.assign', jsonb_build_object('ticket_id', n) FROM generate_series(1, ${rows}::int) n`
  await db.$client`VACUUM ANALYZE outbox`
}

async function countOutcome({ db, queues }: Desk) {
  const [seen] = await db.$client<{ twice: number; missing: number }[]>`
    SELECT count(*) FILTER (WHERE attempts > 1)::int AS twice,
      count(*) FILTER (WHERE dispatched_at IS NULL OR attempts = 0)::int AS missing FROM outbox`
  const counts = await queues.assignment.getJobCounts()
  return {
    twice: seen?.twice ?? -1,
    missing: seen?.missing ?? -1,
    jobs: Object.values(counts).reduce((sum, each) => sum + each, 0),
  }
}

async function startRelay(servers: Servers): Promise<ChildProcess> {
  const relay = fork(new URL('./relay-process.js', import.meta.url))
  const ready = nextMessage(relay)
  relay.send(servers)
  await ready
  return relay
}

async function endRelay(relay: ChildProcess): Promise<void> {
  if (relay.exitCode !== null || relay.signalCode !== null) return
  const ended = once(relay, 'exit')
  relay.disconnect()
  await ended
}
