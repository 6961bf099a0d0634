import { once } from '@servicedesk/jobs'
import { until } from '@servicedesk/testing'
import t from 'tap'
import { createJobsDesk, workerOf } from './helpers/jobs-desk.ts'

t.test('a job that is not finished at the stop is done elsewhere at once, with no try used up', async (t) => {
  const desk = await createJobsDesk(t)
  let started: () => void = () => undefined
  const running = new Promise<void>((resolve) => {
    started = resolve
  })
  let finish: () => void = () => undefined
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const slow = await workerOf(t, desk, {
    'ticket.assign': async (job) => {
      started()
      await finished
      await once(job, async () => t.fail('it was done elsewhere'))
    },
  })
  const [row] = await desk.owe(1)
  await running
  await slow.close(100)
  t.same(await desk.queues.assignment.getRanges(['active'], 0, -1), [])
  t.same(await desk.queues.assignment.getRanges(['wait'], 0, -1), [`o-${row!.id}`])

  const attempts: number[] = []
  await workerOf(t, desk, {
    'ticket.assign': async (job) => {
      attempts.push(job.attempt)
      await once(job, async () => undefined)
    },
  })
  // Far less than the 15 s after which a job counts as stalled.
  await until('the other worker to do it', async () => (await desk.row(row!.id)).doneAt, 5_000)
  t.same(attempts, [1])
  finish()
  const job = await desk.queues.assignment.getJob(`o-${row!.id}`)
  t.match(job, { stalledCounter: 0 })
})
