import { closeDatabase, createDatabase, outbox, settings } from '@servicedesk/db'
import { emit, type OutboxRow, once } from '@servicedesk/jobs'
import { until } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { createJobsDesk, runOf } from './helpers/jobs-desk.ts'

const desk = await createJobsDesk(t)
const dispatched: OutboxRow[] = []
const dispatch = (rows: readonly OutboxRow[]) => void dispatched.push(...rows)
const run = (row: OutboxRow | null) => runOf(desk, row, dispatch)

/** An effect that can be counted. */
const note = (key: string) => async (tx: Parameters<Parameters<typeof once>[1]>[0]) => {
  await tx.insert(settings).values({ key, value: 1 })
  return 'noted'
}
const notes = () => desk.db.$count(settings, sql`key LIKE 'note%'`)
const owed = async () => (await desk.owe(1))[0]!

t.beforeEach(async () => {
  await desk.db.delete(outbox)
  await desk.db.delete(settings)
  dispatched.length = 0
})

t.test('a job that arrives twice acts once', async (t) => {
  const row = await owed()
  t.equal(await once(run(row), note('note 1')), 'noted')
  t.ok((await desk.row(row.id)).doneAt)
  t.equal(await once(run(row), note('note 2')), undefined)
  t.equal(await notes(), 1)
})

t.test('a run that starts while another acts waits for it and does nothing', async (t) => {
  const row = await owed()
  let acting = 0
  const slow = (key: string) =>
    once(run(row), async (tx) => {
      acting += 1
      await until('the others to wait for the row, or to act as well', async () => {
        const [seen] = await desk.db.execute<{ waiting: number }>(sql`
          SELECT count(*)::int AS waiting FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'`)
        return acting > 1 || seen?.waiting === 3
      })
      return note(key)(tx)
    })
  const results = await Promise.all([1, 2, 3, 4].map((n) => slow(`note ${n}`)))
  t.equal(acting, 1)
  t.equal(results.filter((result) => result === 'noted').length, 1)
  t.equal(await notes(), 1)
})

t.test('an effect that fails leaves no trace, and its job is owed still', async (t) => {
  const row = await owed()
  const failing = once(run(row), async (tx) => {
    await note('note 1')(tx)
    await emit(tx, 'assignment.drain', {})
    throw new Error('half way')
  })
  await t.rejects(failing, { message: 'half way' })
  t.equal(await notes(), 0)
  t.strictSame(dispatched, [])
  t.match(await desk.rows(), [{ id: row.id, doneAt: null }])
  t.equal(await once(run(row), note('note 1')), 'noted')
})

t.test('a process that dies between effect and mark has done neither', async (t) => {
  const row = await owed()
  const db = createDatabase(desk.url)
  const dying = once({ ...run(row), db }, async (tx) => {
    await note('note 1')(tx)
    // What a kill -9 looks like from PostgreSQL: the session is gone before its commit.
    await tx.execute(sql`SELECT pg_terminate_backend(pg_backend_pid())`)
  })
  await t.rejects(dying, { code: 'CONNECTION_CLOSED' })
  await closeDatabase(db, 0)
  t.equal(await notes(), 0)
  t.equal((await desk.row(row.id)).doneAt, null)
  t.equal(await once(run(row), note('note 1')), 'noted')
  t.equal(await notes(), 1)
})

t.test('what an effect emits goes out after its commit', async (t) => {
  const row = await owed()
  await once(run(row), async (tx) => {
    await emit(tx, 'assignment.drain', {})
    t.strictSame(dispatched, [], 'not before')
  })
  t.match(dispatched, [{ name: 'assignment.drain' }])
  t.equal((await desk.rows()).length, 2)
})

t.test('a dead letter and a row that is gone are not acted on', async (t) => {
  const row = await owed()
  await desk.set(row.id, { failedAt: new Date() })
  t.equal(await once(run(row), note('note 1')), undefined)
  await desk.db.delete(outbox)
  t.equal(await once(run(row), note('note 2')), undefined)
  t.equal(await notes(), 0)
})

t.test('a scheduled job has no row: it acts each time', async (t) => {
  t.equal(await once(run(null), note('note 1')), 'noted')
  t.equal(await once(run(null), note('note 2')), 'noted')
  t.equal(await notes(), 2)
})
