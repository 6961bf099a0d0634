import { outbox } from '@servicedesk/db'
import { catalogue, dispatchRows, type JobName, leaseRows, relayOnce } from '@servicedesk/jobs'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { createJobsDesk } from './helpers/jobs-desk.ts'
import { startRedisProxy } from './helpers/redis-proxy.ts'

const proxy = await startRedisProxy(t)
const desk = await createJobsDesk(t, proxy.connection)
const { db, queues } = desk
const keyOf = (id: string) => queues.assignment.toKey(`o-${id}`)

t.beforeEach(async () => {
  await db.delete(outbox)
  for (const queue of Object.values(queues)) await queue.obliterate({ force: true })
})

t.test(
  'rows that no queue takes are dead with the reason, and the rest of their batch goes out',
  async (t) => {
    const rows = await desk.owe(8)
    const [elsewhere, wrongQueue, huge, taken, deep, ...good] = rows.map((row) => row.id)
    await desk.set(elsewhere!, { queue: 'Ω\n"; drop' })
    await desk.set(wrongQueue!, { queue: 'email' })
    await desk.set(huge!, { payload: { ticket_id: 1, text: 'x'.repeat(1_100_000) } })
    await desk.redis.set(keyOf(taken!), 'not a job')
    await db.execute(sql`
    UPDATE outbox SET payload = (repeat('[', 4000) || repeat(']', 4000))::jsonb WHERE id = ${deep!}`)
    await relayOnce(db, queues)
    t.match(await desk.row(elsewhere!), { lastError: 'unknown queue "Ω\n"; drop"', dispatchedAt: null })
    t.match(await desk.row(wrongQueue!), {
      lastError: 'ticket.assign belongs in queue "assignment", not "email"',
    })
    t.match(await desk.row(huge!), {
      lastError: 'The size of job ticket.assign exceeds the limit 65536 bytes',
      attempts: 0,
    })
    t.match(await desk.row(taken!), { lastError: /WRONGTYPE/ })
    for (const id of [elsewhere, wrongQueue, huge, taken]) t.ok((await desk.row(id!)).failedAt)
    for (const id of [deep, ...good])
      t.match(await desk.row(id!), { attempts: 1, failedAt: null, lastError: null })
    await relayOnce(db, queues)
    t.equal(await desk.jobs('assignment'), good.length + 1, 'nobody tries them again')
  },
)

t.test('names and payloads of any kind reach the worker that judges them', async (t) => {
  const names = ['', ' ', 'a:b:c', '__proto__', 'toString', 'ticket.assign\n', '💥', 'x'.repeat(300)]
  const payloads = [null, 7, [], 'text', false, { ticket_id: null }]
  const rows = await desk.owe(names.length + payloads.length)
  for (const [n, name] of names.entries()) await desk.set(rows[n]!.id, { name })
  for (const [n, payload] of payloads.entries()) {
    await db.execute(sql`
      UPDATE outbox SET payload = ${JSON.stringify(payload)}::text::jsonb WHERE id = ${rows[names.length + n]!.id}`)
  }
  t.equal(await relayOnce(db, queues), rows.length)
  const jobs = await Promise.all(rows.map((row) => queues.assignment.getJob(`o-${row.id}`)))
  t.strictSame(
    jobs.slice(0, names.length).map((job) => job?.name),
    names,
  )
  t.strictSame(
    jobs.slice(names.length).map((job) => job?.data),
    payloads,
  )
})

t.test('Redis away is never a dead letter, not even beside a row that is one', async (t) => {
  const [good, huge, elsewhere] = await desk.owe(3)
  await desk.set(huge!.id, { payload: { ticket_id: 1, text: 'x'.repeat(70_000) } })
  await desk.set(elsewhere!.id, { queue: 'elsewhere' })
  proxy.cut()
  await t.rejects(relayOnce(db, queues))
  proxy.mend()
  t.match(await desk.row(good!.id), { failedAt: null, leaseUntil: null, attempts: 0, lastError: null })
  t.ok((await desk.row(huge!.id)).failedAt)
  t.ok((await desk.row(elsewhere!.id)).failedAt)
})

t.test('a lease or a time that nobody can have meant holds no row for ever; infinity is never', async (t) => {
  const [forever, century, leased, never, longAgo] = (await desk.owe(5)).map((row) => row.id)
  await db.execute(sql`UPDATE outbox SET lease_until = 'infinity' WHERE id = ${forever!}`)
  await db.execute(sql`UPDATE outbox SET lease_until = now() + interval '100 years' WHERE id = ${century!}`)
  await db.execute(sql`UPDATE outbox SET lease_until = now() + interval '30 seconds' WHERE id = ${leased!}`)
  await db.execute(sql`UPDATE outbox SET available_at = 'infinity' WHERE id = ${never!}`)
  await db.execute(sql`UPDATE outbox SET available_at = '-infinity' WHERE id = ${longAgo!}`)
  t.strictSame(
    (await leaseRows(db)).map((row) => row.id),
    [longAgo, forever, century],
  )
  t.strictSame(await leaseRows(db), [], 'the lease that they have now counts')
})

t.test('the longest due go out first, whatever the order of their ids', async (t) => {
  const ids = (await desk.owe(6)).map((row) => row.id)
  for (const [n, id] of ids.entries()) {
    await db.execute(
      sql`UPDATE outbox SET available_at = now() - make_interval(secs => ${n + 1}) WHERE id = ${id}`,
    )
  }
  const oldestFirst = ids.toReversed()
  t.strictSame(
    (await leaseRows(db, 2)).map((row) => row.id),
    oldestFirst.slice(0, 2),
  )
  await relayOnce(db, queues)
  const waiting = await desk.redis.lrange(queues.assignment.toKey('wait'), 0, -1)
  t.strictSame(
    waiting.toReversed(),
    oldestFirst.slice(2).map((id) => `o-${id}`),
  )
})

t.test('whoever lost its lease and comes late does not count a dispatch again', async (t) => {
  const rows = await desk.owe(2)
  t.equal(await relayOnce(db, queues), 2)
  await desk.set(rows[1]!.id, { attempts: 3 })
  await dispatchRows(db, queues, rows)
  t.match(await desk.rows(), [{ attempts: 1 }, { attempts: 3 }])
  t.equal(await desk.jobs('assignment'), 2)
})

t.test('the table refuses what has no meaning: attempts below none, both ends at once', async (t) => {
  const [row] = await desk.owe(1)
  const now = new Date()
  for (const attempts of [-1, 1_000_001]) {
    await t.rejects(desk.set(row!.id, { attempts }), { cause: { constraint_name: 'outbox_attempts' } })
  }
  await t.rejects(desk.set(row!.id, { doneAt: now, failedAt: now }), {
    cause: { constraint_name: 'outbox_one_end' },
  })
  await desk.set(row!.id, { attempts: 1_000_000 })
  t.equal(await relayOnce(db, queues), 1)
  t.match(await desk.row(row!.id), { attempts: 1_000_000 }, 'and the last number does not stop the batch')
})

t.test('every job of the catalogue goes to a queue that takes it', async (t) => {
  const rows = await desk.owe(Object.keys(catalogue).length)
  for (const [n, name] of (Object.keys(catalogue) as JobName[]).entries()) {
    await desk.set(rows[n]!.id, { name, queue: catalogue[name].queue })
  }
  t.equal(await relayOnce(db, queues), rows.length)
})
