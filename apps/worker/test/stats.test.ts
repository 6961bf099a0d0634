import { statsDays, statsMarks, statsRolled } from '@servicedesk/db'
import { createTestDesk, startTestWorker, until } from '@servicedesk/testing'
import { eq, isNull, sql } from 'drizzle-orm'
import t from 'tap'

t.test('a worker rolls the past up by schedule, and a check mends what is wrong', async (t) => {
  const desk = await createTestDesk(t, { dispatch: true })
  const requester = await desk.person('Normal User')
  await desk.core.tickets.create(requester, { title: 'Screen', description: 'Black since this morning.' })
  await desk.db.execute(sql`UPDATE tickets SET created_at = now() - interval '3 days', status_class = 'closed',
    closed_at = now() - interval '1 day', status_id = (SELECT id FROM statuses WHERE class = 'closed')`)
  await Promise.all(Object.values(desk.queues).map((queue) => queue.waitUntilReady()))
  await startTestWorker(t, desk, 'smtp://127.0.0.1:1')
  const { maintenance } = desk.queues
  /** Asks for a run when none is under way. */
  const again = async (name: 'stats.rollup' | 'stats.check') => {
    if ((await maintenance.getJobCountByTypes('waiting', 'active')) === 0) await maintenance.add(name, {})
  }
  const isRolled = async () => {
    // The schedule's first run comes at once; transactions in other databases may keep it from all days.
    await again('stats.rollup')
    const [all, left] = [
      await desk.db.$count(statsRolled),
      await desk.db.$count(statsRolled, isNull(statsRolled.rolledAt)),
    ]
    return all === 3 && left === 0
  }
  await until('all days to be rolled', isRolled)
  t.equal(await desk.db.$count(statsMarks), 0)
  t.match(await maintenance.getJobScheduler('stats.rollup'), { every: 60_000 })
  t.match(await maintenance.getJobScheduler('stats.check'), { every: 3_600_000 })

  await desk.db.update(statsDays).set({ settled: 7 })
  const isMended = async () => {
    // Each draws one of the three days.
    await again('stats.check')
    return (await desk.db.$count(statsDays, eq(statsDays.settled, 7))) === 0
  }
  await until('the check to mend it', isMended)
  t.match(await desk.db.select().from(statsDays).where(eq(statsDays.dimension, 'all')), [{ settled: 1 }])
})
