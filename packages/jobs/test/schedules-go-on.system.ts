import { createWorkerRedis, type Schedule, schedules } from '@servicedesk/jobs'
import { type Teardown, until } from '@servicedesk/testing'
import { Worker } from 'bullmq'
import t from 'tap'
import { createJobsDesk, type JobsDesk, workerOf } from './helpers/jobs-desk.ts'

const SWEEP = 'sla.sweep'
/** The product's schedules and times, shortened. */
const QUICK: readonly Schedule[] = schedules.map(({ job }) => ({ job, everyMs: 100 }))
const SETTINGS = { lockDuration: 400, stalledInterval: 100 }

/** A worker whose runs of the sweep are counted. */
async function sweeping(t: Teardown, desk: JobsDesk, reconcileMs = 50) {
  let sweeps = 0
  const handler = async () => {
    sweeps += 1
  }
  const options = { schedules: QUICK, settings: SETTINGS, reconcileMs }
  await workerOf(t, desk, { [SWEEP]: handler }, options)
  return {
    async goesOn(what: string) {
      const before = sweeps
      await until(`the sweep to run again: ${what}`, async () => sweeps >= before + 3, 10_000)
    },
  }
}

t.test('a schedule whose job fails every time comes every time', async (t) => {
  const desk = await createJobsDesk(t)
  const runs = new Map<string, number>()
  const fail = async ({ name, attempt }: { name: string; attempt: number }) => {
    if (attempt === 1) runs.set(name, (runs.get(name) ?? 0) + 1)
    throw new Error('no luck')
  }
  const handlers = Object.fromEntries(
    [
      'sla.sweep',
      'sla.recompute',
      'assignment.drain',
      'prune',
      'stats.rollup',
      'stats.check',
      'search.lexemes',
      'file.sweep-orphans',
    ].map((name) => [name, fail]),
  )
  t.strictSame(Object.keys(handlers).sort(), schedules.map(({ job }) => job).sort(), 'all of them')
  // The reconciler does not help: it has its turn at the start.
  await workerOf(t, desk, handlers, { schedules: QUICK, settings: SETTINGS, reconcileMs: 60_000 })
  for (const { job } of schedules) {
    await until(`${job} to come again`, async () => (runs.get(job) ?? 0) >= 4, 10_000)
  }
})

for (const [when, scheduled] of [
  ['in the job, its next run planned', true],
  ['as it took the job, nothing planned', false],
] as const) {
  t.test(`a worker dies ${when}: the job is done and the schedule goes on`, async (t) => {
    const desk = await createJobsDesk(t)
    const queue = desk.queues.sla
    await queue.upsertJobScheduler(SWEEP, { every: 100 }, { name: SWEEP, data: {} })
    // Never renews its locks and never runs what it takes, as if it had been killed.
    const connection = createWorkerRedis(desk.connection, () => undefined)
    const dead = new Worker('sla', undefined, {
      connection,
      prefix: desk.prefix,
      lockDuration: SETTINGS.lockDuration,
    })
    dead.on('error', () => undefined)
    t.teardown(async () => {
      await dead.close(true)
      connection.disconnect()
    })
    await dead.waitUntilReady()
    const taken = await until('the job to be due', async () => {
      if (scheduled) return (await dead.getNextJob('dead'))?.id
      const [job, id] = await dead.backend.moveToActive('dead')
      return job ? id : undefined
    })
    t.strictSame(await queue.getRanges(['active'], 0, -1), [taken])
    t.equal(await queue.getDelayedCount(), scheduled ? 1 : 0)
    const worker = await sweeping(t, desk, 60_000)
    await worker.goesOn(when)
    await until(
      'the dead one’s job to be done',
      async () => !(await queue.getRanges(['active'], 0, -1)).includes(taken!),
    )
    await worker.goesOn('after it')
  })
}

t.test('whatever of a schedule is deleted or cut in Redis comes back', async (t) => {
  const desk = await createJobsDesk(t)
  const { sla } = desk.queues
  const { redis } = desk
  const key = (name: string) => sla.toKey(name)
  const worker = await sweeping(t, desk)
  const ways: Record<string, () => Promise<unknown>> = {
    'all of it': () => sla.removeJobScheduler(SWEEP),
    'what it is': () => redis.del(key(`repeat:${SWEEP}`)),
    'that it is': () => redis.del(key('repeat')),
    'its next job': () => redis.del(key('delayed')),
    'its template cut': () => redis.hset(key(`repeat:${SWEEP}`), 'data', '{"cut'),
    'its next job cut': () =>
      until('a next job that can be cut', async () => {
        const [next] = await sla.getRanges(['delayed'], 0, -1)
        return next === undefined ? false : (await redis.hset(key(next), 'data', '{"cut')) === 0
      }),
  }
  for (const [way, harm] of Object.entries(ways)) {
    await harm()
    await worker.goesOn(way)
  }
})

t.test('a schedule of another release that cannot be read is removed, and stops no other', async (t) => {
  const desk = await createJobsDesk(t)
  const { email } = desk.queues
  await email.upsertJobScheduler('digest.send', { every: 3_600_000 }, { name: 'digest.send' })
  await desk.redis.hset(email.toKey('repeat:digest.send'), 'data', '{"cut')
  await t.rejects(email.getJobSchedulers(), SyntaxError)
  const worker = await sweeping(t, desk)
  await worker.goesOn('beside it')
  await until('it to be gone', async () => (await email.getJobSchedulers()).length === 0)
})
