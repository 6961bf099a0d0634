import { outbox } from '@servicedesk/db'
import { dispatchRows } from '@servicedesk/jobs'
import { startOwnRedis } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import { Redis } from 'ioredis'
import t from 'tap'
import { startCountingWorker } from './helpers/counting-worker.ts'
import { createJobsDesk } from './helpers/jobs-desk.ts'

const MANY = 20
const RECOVERED_MS = 30_000

/** Ways in which a Redis that answers takes no writes. */
const refusals = [
  {
    what: 'memory is full',
    error: /OOM command not allowed/,
    begin: (admin: Redis) => admin.config('SET', 'maxmemory', '1mb'),
    end: (admin: Redis) => admin.config('SET', 'maxmemory', '0'),
  },
  {
    what: 'the server became a replica',
    error: /READONLY|Connection is closed|max retries|timed out/,
    begin: (admin: Redis) => admin.replicaof('127.0.0.1', 1),
    end: (admin: Redis) => admin.replicaof('NO', 'ONE'),
  },
]

for (const { what, error, begin, end } of refusals) {
  t.test(`${what}: rows are left to the relay, nothing dies, and all is done afterwards`, async (t) => {
    const redis = await startOwnRedis(t)
    const admin = new Redis(redis.url)
    t.teardown(async () => admin.disconnect())
    const desk = await createJobsDesk(t, redis.connection)
    const worker = await startCountingWorker(t, desk)
    await desk.owe(MANY)
    await worker.finished(MANY, RECOVERED_MS)

    await begin(admin)
    const rows = await desk.owe(MANY)
    await t.rejects(dispatchRows(desk.db, desk.queues, rows), error)
    await t.rejects(desk.queues.assignment.add('ticket.assign', { ticket_id: 1 }), error)
    t.equal(await desk.db.$count(outbox, sql`failed_at IS NOT NULL`), 0, 'no row is given up')
    t.equal(await desk.db.$count(outbox, sql`dispatched_at IS NULL`), MANY, 'nor taken for sent')
    t.equal(await worker.done(), MANY)

    await end(admin)
    await worker.finished(2 * MANY, RECOVERED_MS)
    t.strictSame(new Set(worker.effects.values()), new Set([1]), 'each once')
    t.equal(await desk.db.$count(outbox, sql`failed_at IS NOT NULL`), 0)
  })
}
