import { outbox } from '@servicedesk/db'
import { emit, emitMany, InvalidJob, takeEmitted } from '@servicedesk/jobs'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { createJobsDesk } from './helpers/jobs-desk.ts'

const desk = await createJobsDesk(t)
const delivery = '0198c0de-0000-7000-8000-000000000001'
t.beforeEach(async () => void (await desk.db.delete(outbox)))

t.test('a committed change owes its job, leased to its writer for a few seconds', async (t) => {
  const emitted = await desk.db.transaction(async (tx) => {
    await emit(tx, 'email.send', { delivery_id: delivery })
    return takeEmitted(tx)
  })
  const [row, ...more] = await desk.rows()
  t.equal(more.length, 0)
  t.match(row, {
    queue: 'email',
    name: 'email.send',
    payload: { delivery_id: delivery },
    attempts: 0,
    dispatchedAt: null,
    doneAt: null,
    failedAt: null,
  })
  t.strictSame(emitted, [
    {
      id: row?.id,
      queue: 'email',
      name: 'email.send',
      payload: { delivery_id: delivery },
      attempts: 0,
      traceparent: null,
    },
  ])
  const [lease] = await desk.db.execute<{ seconds: number }>(
    sql`SELECT extract(epoch FROM lease_until - created_at)::float8 AS seconds FROM outbox`,
  )
  t.equal(lease?.seconds, 5)
})

t.test("what is owed later is nobody's until then, and goes out by a relay", async (t) => {
  const emitted = await desk.db.transaction(async (tx) => {
    await emitMany(tx, 'email.send', [{ delivery_id: delivery }], { delaySeconds: 90 })
    return takeEmitted(tx)
  })
  t.strictSame(emitted, [], 'its writer does not send it')
  const [row] = await desk.rows()
  t.match(row, { leaseUntil: null, dispatchedAt: null })
  t.equal(row!.availableAt.getTime() - row!.createdAt.getTime(), 90_000)
})

t.test('a change that is rolled back owes nothing', async (t) => {
  const failing = desk.db.transaction(async (tx) => {
    await emit(tx, 'ticket.assign', { ticket_id: 1 })
    t.equal(takeEmitted(tx).length, 1)
    throw new Error('the change failed')
  })
  await t.rejects(failing, { message: 'the change failed' })
  t.strictSame(await desk.rows(), [])
})

t.test('only committed rows can be seen by a relay', async (t) => {
  await desk.db.transaction(async (tx) => {
    await emit(tx, 'ticket.assign', { ticket_id: 1 })
    t.strictSame(await desk.rows(), [], 'from another connection')
  })
  t.equal((await desk.rows()).length, 1)
})

t.test('many payloads in one statement keep their order, and one bad payload refuses them all', async (t) => {
  const payloads = Array.from({ length: 50 }, (_, n) => ({ ticket_id: n + 1 }))
  await desk.db.transaction((tx) => emitMany(tx, 'ticket.assign', payloads))
  t.strictSame(
    (await desk.rows()).map((row) => row.payload),
    payloads,
  )
  const failing = desk.db.transaction((tx) =>
    emitMany(tx, 'ticket.assign', [{ ticket_id: 1 }, { ticket_id: 0 }]),
  )
  await t.rejects(failing, { name: 'InvalidJob', message: /ticket\.assign: \/ticket_id/ })
  t.equal((await desk.rows()).length, 50)
})

t.test('no payloads write nothing; several emits of a transaction add up', async (t) => {
  const emitted = await desk.db.transaction(async (tx) => {
    await emitMany(tx, 'ticket.assign', [])
    t.strictSame(takeEmitted(tx), [])
    await emit(tx, 'assignment.drain', {})
    await emit(tx, 'ticket.assign', { ticket_id: 7 })
    return takeEmitted(tx)
  })
  t.strictSame(
    emitted.map((row) => row.name),
    ['assignment.drain', 'ticket.assign'],
  )
  t.equal((await desk.rows()).length, 2)
})

t.test('a payload that does not fit, and a handle that is no transaction, do not compile', async (t) => {
  await desk.db.transaction(async (tx) => {
    // @ts-expect-error a string is no ticket id
    await t.rejects(emit(tx, 'ticket.assign', { ticket_id: '1' }), InvalidJob)
    // The type `{}` takes anything; the catalogue does not.
    await t.rejects(emit(tx, 'assignment.drain', { secret: 'x' }), InvalidJob)
  })
  t.strictSame(await desk.rows(), [])
  // @ts-expect-error a database is no transaction
  const outside = () => emit(desk.db, 'assignment.drain', {})
  t.type(outside, 'function')
})
