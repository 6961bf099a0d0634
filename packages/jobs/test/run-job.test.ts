import { once, relayOnce } from '@servicedesk/jobs'
import { until } from '@servicedesk/testing'
import t from 'tap'
import { createJobsDesk, workerOf } from './helpers/jobs-desk.ts'

t.test('a job that says nonsense in Redis is run as its row says', async (t) => {
  const desk = await createJobsDesk(t)
  const [renamed, emptied, swapped, hopeless] = (await desk.owe(4)).map((row) => row.id)
  await desk.set(hopeless!, { payload: { ticket_id: 0 } })
  await relayOnce(desk.db, desk.queues)
  const key = (id: string) => desk.queues.assignment.toKey(`o-${id}`)
  await desk.redis.hset(key(renamed!), 'name', 'ticket.teleport')
  await desk.redis.hset(key(emptied!), 'data', '{}')
  await desk.redis.hset(key(swapped!), 'data', 'null', 'name', 'email.send')
  await desk.redis.hset(key(hopeless!), 'name', 'ticket.teleport')
  const done = new Map<string | null, unknown>()
  await workerOf(t, desk, {
    'ticket.assign': (job) => once(job, async () => void done.set(job.outboxId, job.payload)),
    'email.send': async () => void t.fail('no row owes a mail'),
  })
  await until('all to be settled', async () => {
    const rows = (await desk.rows()).filter((row) => row.name === 'ticket.assign')
    return rows.every((row) => row.doneAt !== null || row.failedAt !== null)
  })
  t.strictSame(
    done,
    new Map([
      [renamed, { ticket_id: 1 }],
      [emptied, { ticket_id: 2 }],
      [swapped, { ticket_id: 3 }],
    ]),
  )
  t.match(await desk.row(hopeless!), { doneAt: null, lastError: /^ticket\.assign: \/ticket_id/ })
})
