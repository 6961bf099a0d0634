import { schedules, upsertSchedules } from '@servicedesk/jobs'
import { until } from '@servicedesk/testing'
import t from 'tap'
import { createJobsDesk, workerOf } from './helpers/jobs-desk.ts'

const desk = await createJobsDesk(t)
const { queues } = desk

async function registered() {
  const all = await Promise.all(Object.values(queues).map((queue) => queue.getJobSchedulers()))
  return all.flat().map(({ key, every }) => ({ job: key, everyMs: every }))
}
const byJob = (a: { job: string }, b: { job: string }) => a.job.localeCompare(b.job)
const expected = [...schedules].sort(byJob)

t.beforeEach(async () => {
  for (const queue of Object.values(queues)) await queue.obliterate({ force: true })
})

t.test('many workers register each schedule once, with one next job', async (t) => {
  await Promise.all(Array.from({ length: 6 }, () => upsertSchedules(queues)))
  t.strictSame((await registered()).sort(byJob), expected)
  t.equal(await desk.jobs('sla'), 2)
  t.equal(await desk.jobs('assignment'), 1)
})

t.test('registering again and again does not put off the next run', async (t) => {
  await upsertSchedules(queues)
  const next = async () => (await queues.sla.getJobScheduler('sla.sweep'))?.next
  const before = await next()
  for (let turn = 0; turn < 5; turn += 1) await upsertSchedules(queues)
  t.ok(before !== undefined && before > 0)
  t.equal(await next(), before)
})

t.test('a schedule that is gone from the catalogue is removed, with its next job', async (t) => {
  const later = { every: 60_000, startDate: Date.now() + 30_000 }
  await queues.email.upsertJobScheduler('digest.send', later, { name: 'digest.send' })
  await queues.sla.upsertJobScheduler('assignment.drain', later, { name: 'assignment.drain' })
  t.equal(await queues.email.getDelayedCount(), 1)
  await upsertSchedules(queues)
  t.strictSame((await registered()).sort(byJob), expected)
  t.equal(await desk.jobs('email'), 0)
  t.equal(await desk.jobs('sla'), 2)
})

t.test('a worker runs what is scheduled, and a flush of Redis does not end it', async (t) => {
  let sweeps = 0
  let swept: () => void = () => undefined
  const nextSweep = () =>
    new Promise<void>((resolve) => {
      swept = resolve
    })
  const first = nextSweep()
  const handler = async () => {
    sweeps += 1
    swept()
  }
  await workerOf(t, desk, { 'sla.sweep': handler }, { reconcileMs: 50 })
  await first
  const second = nextSweep()
  for (const queue of Object.values(queues)) await queue.obliterate({ force: true })
  t.strictSame(await queues.sla.getJobScheduler('sla.sweep'), undefined)
  await second
  t.ok(sweeps >= 2)
  await until('every schedule to be back', async () => (await registered()).length === expected.length)
  t.strictSame((await registered()).sort(byJob), expected)
})
