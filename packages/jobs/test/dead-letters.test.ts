import { outbox } from '@servicedesk/db'
import { until } from '@servicedesk/testing'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { failRows } from '../src/dead-letters.ts'
import { createJobsDesk } from './helpers/jobs-desk.ts'

const desk = await createJobsDesk(t)
const { db } = desk
/** The ids that owed alerts name. */
const alerted = async () =>
  (await db.select().from(outbox).where(eq(outbox.name, 'dead-letter.alert')))
    .map((row) => (row.payload as { outbox_id: string }).outbox_id)
    .sort()

t.beforeEach(() => db.delete(outbox))

t.test('a row that dies owes one alert, which any relay may send at once', async (t) => {
  const rows = await desk.owe(3)
  await failRows(db, rows, 'x'.repeat(5_000))
  t.strictSame(await alerted(), rows.map((row) => row.id).sort())
  const [dead] = rows
  t.equal((await desk.row(dead!.id)).lastError?.length, 2_000)
  const [alert] = await db.select().from(outbox).where(eq(outbox.name, 'dead-letter.alert'))
  t.match(alert, { queue: 'maintenance', leaseUntil: null, dispatchedAt: null, attempts: 0 })
})

t.test('what is done or dead already stays as it is and is told of to nobody', async (t) => {
  const [done, dead] = await desk.owe(2)
  await desk.set(done!.id, { doneAt: new Date() })
  await desk.set(dead!.id, { failedAt: new Date(0), lastError: 'the first reason' })
  await failRows(db, [done!, dead!], 'another reason')
  t.match(await desk.row(done!.id), { failedAt: null, lastError: null })
  t.match(await desk.row(dead!.id), { failedAt: new Date(0), lastError: 'the first reason' })
  t.strictSame(await alerted(), [])
  await failRows(db, [], 'nothing')
  t.equal(await db.$count(outbox), 2)
})

t.test('many who find the same rows dead at once tell of each once', async (t) => {
  const rows = await desk.owe(50)
  await Promise.all(Array.from({ length: 8 }, (_, n) => failRows(db, rows, `reason ${n}`)))
  t.strictSame(await alerted(), rows.map((row) => row.id).sort())
})

t.test('a handler that commits first wins: what is done while it is given up did not die', async (t) => {
  const [row] = await desk.owe(1)
  let failing: Promise<void> | undefined
  await db.transaction(async (tx) => {
    await tx.update(outbox).set({ doneAt: sql`now()` }).where(eq(outbox.id, row!.id))
    failing = failRows(db, [row!], 'too slow')
    await until('it to wait for the row', async () => {
      const waiting = await db.execute(sql`SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`)
      return waiting.length > 0
    })
  })
  await failing
  t.match(await desk.row(row!.id), { failedAt: null })
  t.strictSame(await alerted(), [])
})

t.test('an alert that dies does not owe another', async (t) => {
  const [row] = await desk.owe(1)
  await failRows(db, [row!], 'first')
  const [alert] = await db.select().from(outbox).where(eq(outbox.name, 'dead-letter.alert'))
  await failRows(db, [alert!], 'nobody can be told')
  t.match(await desk.row(alert!.id), { lastError: 'nobody can be told' })
  t.equal(await db.$count(outbox), 2)
})

t.test('a row whose death cannot be told of has not died', async (t) => {
  const [row] = await desk.owe(1)
  await db.execute(sql`ALTER TABLE outbox ADD CONSTRAINT no_alerts CHECK (name <> 'dead-letter.alert')`)
  await t.rejects(failRows(db, [row!], 'unheard'), { cause: { constraint_name: 'no_alerts' } })
  await db.execute(sql`ALTER TABLE outbox DROP CONSTRAINT no_alerts`)
  t.match(await desk.row(row!.id), { failedAt: null, lastError: null })
})
