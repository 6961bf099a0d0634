import { schedules } from '@servicedesk/jobs'
import { startOwnRedis, until } from '@servicedesk/testing'
import t from 'tap'
import { startCountingWorker } from './helpers/counting-worker.ts'
import { createJobsDesk } from './helpers/jobs-desk.ts'

const MANY = 300
/** What the product promises over its reconcile period. */
const PROMISED_MS = 60_000

const ways = {
  'FLUSHALL in the middle of the work': (_, desk) => desk.redis.flushall(),
  'Redis killed, and started again without its data': async (redis) => {
    await redis.kill()
    await redis.start('lost')
  },
} satisfies Record<
  string,
  (
    redis: Awaited<ReturnType<typeof startOwnRedis>>,
    desk: Awaited<ReturnType<typeof createJobsDesk>>,
  ) => Promise<unknown>
>

for (const [way, wipe] of Object.entries(ways)) {
  t.test(`${way}: all of it is done, once, and the schedules run again`, async (t) => {
    const redis = await startOwnRedis(t)
    const desk = await createJobsDesk(t, redis.connection)
    const worker = await startCountingWorker(t, desk)
    await until('the first sweep', async () => worker.sweeps() > 0)
    await desk.owe(MANY)
    await until('a part to be done', async () => (await worker.done()) > MANY / 10)
    await wipe(redis, desk)
    await worker.finished(MANY, PROMISED_MS)
    await worker.swept(PROMISED_MS)
    t.strictSame(new Set(worker.effects.values()), new Set([1]), 'each once')
    t.equal(worker.effects.size, MANY)
    const scheduled = await Promise.all(Object.values(desk.queues).map((queue) => queue.getJobSchedulers()))
    const names = scheduled.flat().map(({ key }) => key)
    t.strictSame(names.sort(), schedules.map(({ job }) => job).sort())
  })
}
