import { outbox } from '@servicedesk/db'
import { emit, leaseRows, relayOnce } from '@servicedesk/jobs'
import { createTestDatabase, until } from '@servicedesk/testing'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { createJobsDesk } from './helpers/jobs-desk.ts'
import { startRedisProxy } from './helpers/redis-proxy.ts'

const proxy = await startRedisProxy(t)
const desk = await createJobsDesk(t, proxy.connection)
const { db, queues } = desk

t.beforeEach(async () => {
  await db.delete(outbox)
  for (const queue of Object.values(queues)) await queue.obliterate({ force: true })
})

t.test('a row is left to its writer until the lease of its birth has run out', async (t) => {
  await db.transaction((tx) => emit(tx, 'ticket.assign', { ticket_id: 1 }))
  t.equal(await relayOnce(db, queues), 0)
  await db.update(outbox).set({ leaseUntil: sql`now() - interval '1 ms'` })
  t.equal(await relayOnce(db, queues), 1)
  t.equal(await relayOnce(db, queues), 0)
  t.equal(await desk.jobs('assignment'), 1)
})

t.test('what is done, dead, dispatched or not yet due is left alone', async (t) => {
  const [done, dead, sent, later, due] = await desk.owe(5)
  await desk.set(done!.id, { doneAt: new Date() })
  await desk.set(dead!.id, { failedAt: new Date() })
  await desk.set(sent!.id, { dispatchedAt: new Date() })
  await db.update(outbox).set({ availableAt: sql`now() + interval '1 hour'` }).where(eq(outbox.id, later!.id))
  t.strictSame(
    (await leaseRows(db)).map((row) => row.id),
    [due!.id],
  )
})

t.test('two relays side by side send each of 1,300 rows once', async (t) => {
  const rows = await desk.owe(1_300)
  const sent = await Promise.all([relayOnce(db, queues), relayOnce(db, queues), relayOnce(db, queues)])
  t.equal(
    sent.reduce((sum, each) => sum + each, 0),
    rows.length,
  )
  t.equal(await desk.jobs('assignment'), rows.length)
  t.equal(await db.$count(outbox, sql`attempts = 1 AND dispatched_at IS NOT NULL`), rows.length)
})

t.test('leases never overlap, and no row is left out', async (t) => {
  const rows = await desk.owe(90)
  const leased = (await Promise.all([1, 2, 3].map(() => leaseRows(db, 30)))).flat().map((row) => row.id)
  t.equal(new Set(leased).size, leased.length, 'no row twice')
  const rest = (await leaseRows(db)).map((row) => row.id)
  t.strictSame([...leased, ...rest].sort(), rows.map((row) => row.id).sort())
})

t.test('a row that somebody holds is skipped, not waited for', async (t) => {
  const [held, free] = await desk.owe(2)
  await db.transaction(async (tx) => {
    await tx.select().from(outbox).where(eq(outbox.id, held!.id)).for('update')
    t.equal(await relayOnce(db, queues), 1)
    t.ok((await desk.row(free!.id)).dispatchedAt)
  })
  t.equal(await relayOnce(db, queues), 1)
})

t.test('a row that commits after newer ones were sent is sent too', async (t) => {
  await db.transaction(async (tx) => {
    await emit(tx, 'assignment.drain', {})
    await desk.owe(3)
    t.equal(await relayOnce(db, queues), 3)
  })
  await db.update(outbox).set({ leaseUntil: null })
  t.equal(await relayOnce(db, queues), 1)
})

t.test(
  'Redis away: the relay says so, gives its leases back, and sends all once Redis is there',
  async (t) => {
    const rows = await desk.owe(20)
    proxy.cut()
    await t.rejects(relayOnce(db, queues))
    t.equal(await db.$count(outbox, sql`dispatched_at IS NULL AND lease_until IS NULL AND attempts = 0`), 20)
    proxy.mend()
    const sent = await until('Redis to be reached again', () => relayOnce(db, queues).catch(() => undefined))
    t.equal(sent, rows.length)
    t.equal(await desk.jobs('assignment'), rows.length)
  },
)

t.test('PostgreSQL away: the relay throws and nothing goes to Redis', async (t) => {
  const other = await createTestDatabase()
  await other.drop()
  await t.rejects(relayOnce(other.db, queues))
  t.equal(await desk.jobs('assignment'), 0)
})
