import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeDatabase, createDatabase, type Database } from '@servicedesk/db'
import { closeQueues, createQueues, createRedis, type Queues } from '@servicedesk/jobs'
import type { Figure } from '../framework/figure.ts'
import type { BenchContext } from '../framework/measurement.ts'
import type { Servers, Work } from './relay-process.ts'

const ROWS = 20_000
const RELAYS = 4
/** Rows a second that are asked for. */
const TARGET = 5_000
/** Processes that run for days are warm: so many rows go through each before the clock starts. */
const WARM_UP = 4_000

interface Desk {
  db: Database
  queues: Queues
  relays: ChildProcess[]
}

/**
 * How many owed rows four relay processes hand to Redis a second, against the same processes only adding such jobs
 * and only leasing such rows.
 * @throws Error when a row went out twice, or not at all
 */
export async function measureRelay({
  servers: { databaseUrl, redisUrl },
  rounds,
}: BenchContext): Promise<Figure[]> {
  const servers: Servers = { databaseUrl, redisUrl, prefix: '{bench-relay}' }
  const db = createDatabase(databaseUrl, { max: 4 })
  const redis = createRedis({ kind: 'single', url: redisUrl }, (error) => console.error(error.message))
  const queues = createQueues(redis, servers.prefix, (error) => console.error(error.message))
  const relays = await Promise.all(Array.from({ length: RELAYS }, () => startRelay(servers)))
  const desk: Desk = { db, queues, relays }
  try {
    return await measureAll(desk, rounds)
  } finally {
    await Promise.all(relays.map(endRelay))
    await clear(desk)
    await closeQueues(queues)
    redis.disconnect()
    await closeDatabase(db)
  }
}

async function measureAll(desk: Desk, rounds: number): Promise<Figure[]> {
  const kinds = {
    addBulk: addBulkShares,
    lease: () => Array.from({ length: RELAYS }, () => ({ kind: 'lease' as const })),
    relay: () => Array.from({ length: RELAYS }, () => ({ kind: 'relay' as const })),
  }
  const rates: Record<keyof typeof kinds, number[]> = { addBulk: [], lease: [], relay: [] }
  for (const shares of Object.values(kinds)) await run(desk, shares(WARM_UP), WARM_UP)
  for (let round = 0; round < rounds; round++) {
    for (const kind of ['addBulk', 'lease', 'relay'] as const) {
      rates[kind].push(ROWS / (await run(desk, kinds[kind](ROWS), ROWS)))
    }
    await checkOutcome(desk)
  }
  const figure = { name: 'relay, owed rows to the queue', unit: '/s', better: 'more' } as const
  return [
    {
      ...figure,
      rounds: rates.relay,
      floor: { name: 'only addBulk', rounds: rates.addBulk },
      targets: [{ of: 'value', is: TARGET }],
    },
    { ...figure, name: 'the same', rounds: rates.relay, floor: { name: 'only leases', rounds: rates.lease } },
  ]
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

/** @throws Error unless every row went out once */
async function checkOutcome({ db, queues }: Desk): Promise<void> {
  const [seen] = await db.$client<{ twice: number; missing: number }[]>`
    SELECT count(*) FILTER (WHERE attempts > 1)::int AS twice,
      count(*) FILTER (WHERE dispatched_at IS NULL OR attempts = 0)::int AS missing FROM outbox`
  const counts = await queues.assignment.getJobCounts()
  const jobs = Object.values(counts).reduce((sum, each) => sum + each, 0)
  if (seen?.twice !== 0 || seen.missing !== 0 || jobs !== ROWS) {
    throw new Error(`the relay: ${JSON.stringify({ ...seen, jobs, rows: ROWS })}`)
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
