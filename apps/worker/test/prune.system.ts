import { outbox } from '@servicedesk/db'
import { createTestDesk, startTestWorker, until } from '@servicedesk/testing'
import { and, eq, sql } from 'drizzle-orm'
import t from 'tap'

/** More than one run deletes: 20 batches of 5,000. */
const OLD = 100_001

t.test('old rows are gone soon after a worker starts, however many; young ones stay', async (t) => {
  const desk = await createTestDesk(t)
  await desk.db.execute(sql`INSERT INTO outbox (queue, name, payload, done_at)
    SELECT 'email', 'email.send', '{}', now() - interval '25 hours' FROM generate_series(1, ${OLD}::int)`)
  await desk.db.insert(outbox).values({ queue: 'email', name: 'email.send', payload: {}, doneAt: new Date() })
  const mails = eq(outbox.name, 'email.send')
  await startTestWorker(t, desk, 'smtp://127.0.0.1:1')
  const isGone = async () =>
    (await desk.db.$count(outbox, and(mails, sql`done_at < now() - interval '24 hours'`))) === 0
  await until('the old rows to be deleted', isGone, 60_000)
  t.equal(await desk.db.$count(outbox, mails), 1)
  t.equal(await desk.db.$count(outbox, eq(outbox.name, 'prune')), 1, 'the second run was owed by the first')
  t.match(await desk.queues.maintenance.getJobScheduler('prune'), { every: 300_000 })
  await until('nothing to be owed', async () => (await desk.owed()).length === 0)
})
