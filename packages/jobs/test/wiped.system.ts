import { outbox } from '@servicedesk/db'
import { once, schedules } from '@servicedesk/jobs'
import { startOwnRedis, type Teardown, until } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { createJobsDesk, type JobsDesk, workerOf } from './helpers/jobs-desk.ts'

const MANY = 300
const periods = { reconcileMs: 1_000, graceSeconds: 2 }
/** What the product promises of its own periods, here of the test's: reconcile period, grace and 60 s. */
const PROMISED_MS = periods.reconcileMs + 60_000

const done = (desk: JobsDesk) => desk.db.$count(outbox, sql`done_at IS NOT NULL`)

/** A worker that counts the effects of each ticket, and its sweeps. */
async function countingWorker(t: Teardown, desk: JobsDesk) {
  const effects = new Map<number, number>()
  const counts = { sweeps: 0, effects }
  await workerOf(
    t,
    desk,
    {
      'ticket.assign': async (job) => {
        await once(job, async () => {
          const { ticket_id: id } = job.payload
          effects.set(id, (effects.get(id) ?? 0) + 1)
        })
      },
      'sla.sweep': async () => {
        counts.sweeps += 1
      },
    },
    periods,
  )
  return counts
}

t.test(
  'FLUSHALL in the middle of the work: all of it is done, once, and the schedules run again',
  async (t) => {
    const redis = await startOwnRedis(t)
    const desk = await createJobsDesk(t, redis.connection)
    const worker = await countingWorker(t, desk)
    await until('the first sweep', async () => worker.sweeps > 0)
    await desk.owe(MANY)
    await until('a part to be done', async () => (await done(desk)) > MANY / 10)
    await desk.redis.flushall()
    const sweeps = worker.sweeps
    await until('all to be done', async () => (await done(desk)) === MANY, PROMISED_MS)
    await until('the sweep to run again', async () => worker.sweeps > sweeps, PROMISED_MS)
    t.strictSame(new Set(worker.effects.values()), new Set([1]), 'each once')
    t.equal(worker.effects.size, MANY)
    const scheduled = await Promise.all(Object.values(desk.queues).map((queue) => queue.getJobSchedulers()))
    t.strictSame(
      scheduled
        .flat()
        .map(({ key }) => key)
        .sort(),
      schedules.map(({ job }) => job).sort(),
    )
  },
)
