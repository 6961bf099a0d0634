import { outbox, withSession } from '@servicedesk/db'
import { dispatchRows, type OutboxRow, reconcileOnce, relayOnce } from '@servicedesk/jobs'
import { until } from '@servicedesk/testing'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { createJobsDesk, SILENT } from './helpers/jobs-desk.ts'

const desk = await createJobsDesk(t)
const { db, queues } = desk
const reconcile = () => reconcileOnce(db, queues, { graceSeconds: 60, log: SILENT })
const jobOf = (row: OutboxRow, dispatch = 0) =>
  queues.assignment.getJob(dispatch === 0 ? `o-${row.id}` : `o-${row.id}-${dispatch}`)

/** Dispatched rows whose grace is over. */
async function dispatchedRows(many: number): Promise<OutboxRow[]> {
  const rows = await desk.owe(many)
  await dispatchRows(db, queues, rows)
  await db.update(outbox).set({ dispatchedAt: sql`now() - interval '61 seconds'` })
  return rows
}

/** The job is in Redis and has failed for good, for that reason. */
async function failInRedis(row: OutboxRow, reason: string) {
  const job = await queues.assignment.add('ticket.assign', row.payload, { jobId: `o-${row.id}`, attempts: 1 })
  await desk.redis.hset(queues.assignment.toKey(job.id!), 'failedReason', reason, 'finishedOn', Date.now())
  await desk.redis.lrem(queues.assignment.toKey('wait'), 0, job.id!)
  await desk.redis.zadd(queues.assignment.toKey('failed'), Date.now(), job.id!)
}

t.beforeEach(async () => {
  await db.delete(outbox)
  for (const queue of Object.values(queues)) await queue.obliterate({ force: true })
})

t.test('rows whose jobs vanished from Redis go out again, under new ids', async (t) => {
  const [gone, waiting] = await dispatchedRows(2)
  await (await jobOf(gone!))!.remove()
  t.equal(await reconcile(), 1)
  t.match(await desk.row(gone!.id), {
    dispatchedAt: null,
    attempts: 1,
    lastError: 'sent again: missing in Redis',
  })
  t.ok((await desk.row(waiting!.id)).dispatchedAt, 'what Redis still has is left alone')
  t.equal(await relayOnce(db, queues), 1)
  t.ok(await jobOf(gone!, 1))
  t.equal(await reconcile(), 0)
})

t.test('a flush of Redis loses nothing: more rows than a page', async (t) => {
  const rows = await dispatchedRows(505)
  await queues.assignment.obliterate({ force: true })
  t.equal(await reconcile(), rows.length)
  t.equal(await relayOnce(db, queues), rows.length)
  t.equal(await db.$count(outbox, eq(outbox.attempts, 2)), rows.length)
})

t.test('within the grace, and when it is done or dead, a row is left alone', async (t) => {
  const [fresh, done, dead] = await dispatchedRows(3)
  await db
    .update(outbox)
    .set({ dispatchedAt: sql`now() - interval '50 seconds'` })
    .where(eq(outbox.id, fresh!.id))
  await desk.set(done!.id, { doneAt: new Date() })
  await desk.set(dead!.id, { failedAt: new Date(), lastError: 'as it was' })
  await queues.assignment.obliterate({ force: true })
  const before = await desk.rows()
  t.equal(await reconcile(), 0)
  t.strictSame(await desk.rows(), before)
})

t.test(
  'a job that failed by stalling goes out again; one that failed by itself is a dead letter',
  async (t) => {
    const [stalled, failed] = await dispatchedRows(2)
    await queues.assignment.obliterate({ force: true })
    await failInRedis(stalled!, 'job stalled more than allowable limit')
    await failInRedis(failed!, 'the database is full')
    t.equal(await reconcile(), 1)
    t.match(await desk.row(stalled!.id), { dispatchedAt: null, failedAt: null })
    t.match(await desk.row(failed!.id), { lastError: 'the database is full', doneAt: null })
    t.ok((await desk.row(failed!.id)).failedAt)
  },
)

t.test('after twenty dispatches a row is a dead letter that says so', async (t) => {
  const [last, oneMore] = await dispatchedRows(2)
  await desk.set(last!.id, { attempts: 20 })
  await desk.set(oneMore!.id, { attempts: 19 })
  await queues.assignment.obliterate({ force: true })
  t.equal(await reconcile(), 1)
  t.match(await desk.row(last!.id), { lastError: /^dispatched 20 times and never done/ })
  t.ok((await desk.row(last!.id)).failedAt)
  t.equal((await desk.row(oneMore!.id)).failedAt, null)
  t.strictSame(
    (await desk.rows()).map((row) => row.name),
    ['ticket.assign', 'ticket.assign', 'dead-letter.alert'],
    'kept, and told of',
  )
  await relayOnce(db, queues)
  t.match(await desk.row(last!.id), { attempts: 20 })
})

t.test('a queue of another release makes a dead letter', async (t) => {
  const [row] = await dispatchedRows(1)
  await desk.set(row!.id, { queue: 'elsewhere' })
  t.equal(await reconcile(), 0)
  t.match(await desk.row(row!.id), { lastError: 'unknown queue "elsewhere"' })
  t.ok((await desk.row(row!.id)).failedAt)
})

t.test('one reconciler at a time: the others skip their turn', async (t) => {
  const rows = await dispatchedRows(40)
  await queues.assignment.obliterate({ force: true })
  await withSession(db, async (session) => {
    await session.execute(sql`SELECT pg_advisory_lock(7301002)`)
    t.equal(await reconcile(), 0, 'while another holds the turn')
  })
  const revived = await Promise.all([reconcile(), reconcile(), reconcile()])
  t.equal(
    revived.reduce((sum, each) => sum + each, 0),
    rows.length,
  )
})

t.test(
  'a reconciler that lost its turn in a freeze changes nothing that another did meanwhile',
  async (t) => {
    const [row] = await dispatchedRows(1)
    await queues.assignment.obliterate({ force: true })
    let thaw: () => void = () => undefined
    const thawed = new Promise<void>((resolve) => {
      thaw = resolve
    })
    // It stands still where it asks Redis for a row's job, its page read.
    let asked = 0
    const slow = new Proxy(queues.assignment.backend, {
      get(backend, member) {
        if (member !== 'client') return Reflect.get(backend, member)
        asked += 1
        return asked === 1 ? backend.client : thawed.then(() => backend.client)
      },
    })
    const stands = new Proxy(queues.assignment, {
      get: (queue, member) => (member === 'backend' ? slow : Reflect.get(queue, member, queue)),
    })
    const sleeping = reconcileOnce(db, { ...queues, assignment: stands }, { graceSeconds: 60, log: SILENT })
    const ended = sleeping.then(
      (revived) => revived,
      () => 'lost its session',
    )
    await until('it to stand still', async () => asked >= 3)
    t.equal(await reconcile(), 0, 'it has the turn')
    await db.execute(sql`
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND objid = 7301002 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
    await until('another to get the turn', async () => (await reconcile()) === 1)
    t.equal(await relayOnce(db, queues), 1)
    const sent = await desk.row(row!.id)
    t.match(sent, { attempts: 2 })
    thaw()
    t.not(await ended, 1)
    t.strictSame(await desk.row(row!.id), sent)
    t.equal(await desk.jobs('assignment'), 2, 'its job and the next drain')
  },
)

t.test('twenty thousand jobs that a flush took are owed again within seconds', async (t) => {
  await db.execute(sql`
    INSERT INTO outbox (queue, name, payload, dispatched_at, attempts)
    SELECT 'assignment', 'ticket.assign', jsonb_build_object('ticket_id', n), now() - interval '2 minutes', 1
    FROM generate_series(1, 20000) n`)
  const started = performance.now()
  t.equal(await reconcile(), 20_000)
  t.ok(performance.now() - started < 15_000)
  t.equal(await reconcile(), 0)
})

t.test('whatever will still run is left alone, however long it waits', async (t) => {
  const [waiting, delayed, first] = await dispatchedRows(3)
  await (await jobOf(delayed!))!.remove()
  const id = `o-${delayed!.id}`
  await queues.assignment.add('ticket.assign', delayed!.payload, { jobId: id, delay: 3_600_000 })
  await queues.assignment.pause()
  t.equal(await reconcile(), 0)
  await queues.assignment.resume()
  await desk.redis.lrem(queues.assignment.toKey('wait'), 0, `o-${first!.id}`)
  t.equal(await reconcile(), 1, 'but a job that stands nowhere never runs')
  t.match(await desk.row(first!.id), { lastError: 'sent again: unknown in Redis' })
  t.ok((await desk.row(waiting!.id)).dispatchedAt)
})

t.test('a job that no worker can read is taken away and sent again', async (t) => {
  const [data, opts] = await dispatchedRows(2)
  await desk.redis.hset(queues.assignment.toKey(`o-${data!.id}`), 'data', '{"ticket')
  await desk.redis.hset(queues.assignment.toKey(`o-${opts!.id}`), 'opts', 'none')
  await desk.redis.set(queues.assignment.toKey(`o-${data!.id}:lock`), 'a worker that could not read it')
  t.equal(await reconcile(), 2)
  t.match(await desk.row(data!.id), { lastError: 'sent again: unreadable in Redis' })
  t.strictSame(await Promise.all([jobOf(data!), jobOf(opts!)]), [undefined, undefined])
})

t.test('the last number of dispatches is the last one, whatever limit was written by hand', async (t) => {
  const [row] = await dispatchedRows(1)
  await desk.set(row!.id, { attempts: 1_000_000, dispatchLimit: 2 ** 31 - 1 })
  t.equal(await reconcile(), 0)
  t.match(await desk.row(row!.id), { lastError: /^dispatched 1000000 times and never done/ })
})

t.test('a dispatch at a time that never comes counts as one of now', async (t) => {
  const [forever, soon] = await dispatchedRows(2)
  await queues.assignment.obliterate({ force: true })
  await db.execute(sql`UPDATE outbox SET dispatched_at = 'infinity' WHERE id = ${forever!.id}`)
  await db.execute(sql`UPDATE outbox SET dispatched_at = '-infinity', attempts = 0 WHERE id = ${soon!.id}`)
  t.equal(await reconcile(), 1)
  t.equal(await db.$count(outbox, sql`dispatched_at <= now()`), 1)
  await db
    .update(outbox)
    .set({ dispatchedAt: sql`now() - interval '61 seconds'` })
    .where(eq(outbox.id, forever!.id))
  t.equal(await reconcile(), 1)
  t.equal(await relayOnce(db, queues), 2)
})
