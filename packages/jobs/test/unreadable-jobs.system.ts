import { type OutboxRow, once, relayOnce } from '@servicedesk/jobs'
import { until } from '@servicedesk/testing'
import t from 'tap'
import { createJobsDesk, SILENT, workerOf } from './helpers/jobs-desk.ts'

const QUICK = { settings: { lockDuration: 200, stalledInterval: 50 }, reconcileMs: 50, graceSeconds: 0 }
const BAD = {
  'data that is cut': { data: '{"ticket_id":' },
  'data that is no JSON': { data: 'ticket 1' },
  'options that are cut': { opts: '{"attempts":' },
  'options that are nothing': { opts: 'null' },
}

/** A desk whose worker's complaints are kept. */
async function desk(t: Parameters<typeof createJobsDesk>[0]) {
  const made = await createJobsDesk(t)
  const logged: { jobId?: string; problem?: string }[] = []
  const log = { ...SILENT, error: (data: object) => void logged.push(data) }
  const queue = made.queues.assignment
  /** What will run, or is thought to; but for the schedule's. */
  const standing = async () =>
    (await queue.getRanges(['active', 'wait'], 0, -1)).filter((id) => !id.startsWith('repeat:'))
  return { ...made, queue, logged, log, standing }
}

t.test('jobs written by hand that nobody can read end, with the reason in the log', async (t) => {
  const { queue, redis, logged, log, standing, ...rest } = await desk(t)
  const ids = Object.keys(BAD).map((_, n) => `by-hand-${n}`)
  // One that looks like a row's, but no row has it.
  const orphan = 'o-0198c0de-0000-7000-8000-000000000001'
  for (const [n, fields] of [...Object.values(BAD), BAD['data that is cut']].entries()) {
    const jobId = ids[n] ?? orphan
    await queue.add('ticket.assign', { ticket_id: 1 }, { jobId })
    await redis.hset(queue.toKey(jobId), fields)
  }
  await queue.add('ticket.assign', { ticket_id: 1 }, { jobId: 'taken' })
  // BullMQ's own check for stalled jobs may lose this one before the reconciler sees it: it ends, told of or not.
  await redis.set(queue.toKey('taken'), 'not a job')
  await queue.add('ticket.assign', { ticket_id: 2 }, { jobId: 'good' })
  const handled: number[] = []
  const handlers = {
    'ticket.assign': async (job: { payload: { ticket_id: number } }) =>
      void handled.push(job.payload.ticket_id),
  }
  await workerOf(t, { ...rest, queues: rest.queues, redis }, handlers, { ...QUICK, log })
  const all = [...ids, orphan]
  await until('each to be told of', async () => all.every((id) => logged.some((each) => each.jobId === id)))
  await until('none to be left', async () => (await standing()).length === 0)
  t.strictSame(
    logged.flatMap(({ jobId }) => (jobId === 'taken' ? [] : [jobId])).sort(),
    all.sort(),
    'each once',
  )
  for (const { problem } of logged) t.match(problem, /JSON|null|WRONGTYPE/)
  t.equal(await redis.exists(...all.map((id) => queue.toKey(id))), 0)
  t.strictSame(handled, [2])
})

t.test('one that can be read and makes no sense fails for good, with the reason', async (t) => {
  const { queue, redis, logged, log, standing, ...rest } = await desk(t)
  await queue.add('ticket.teleport', {}, { jobId: 'unknown' })
  await queue.add('ticket.assign', { ticket_id: 'x' }, { jobId: 'wrong', attempts: 5 })
  await queue.add('ticket.assign', { ticket_id: 1 }, { jobId: 'empty', attempts: 5 })
  await redis.del(queue.toKey('empty'))
  await workerOf(t, { ...rest, redis }, {}, { ...QUICK, log })
  await until('all to have failed', async () => (await queue.getFailedCount()) === 3)
  t.match(await queue.getJob('unknown'), { failedReason: 'unknown job "ticket.teleport"', attemptsMade: 1 })
  t.match(await queue.getJob('wrong'), { failedReason: /ticket_id/, attemptsMade: 1 })
  t.match(await queue.getJob('empty'), { failedReason: /unknown job/, attemptsMade: 1 })
  t.strictSame([await standing(), logged], [[], []])
})

t.test('a row whose job cannot be read is done all the same, once', async (t) => {
  const { queue, redis, logged, log, standing, ...rest } = await desk(t)
  const whole = { ...rest, redis }
  const rows: OutboxRow[] = await rest.owe(Object.keys(BAD).length)
  await relayOnce(rest.db, rest.queues)
  for (const [n, fields] of Object.values(BAD).entries()) {
    await redis.hset(queue.toKey(`o-${rows[n]!.id}`), fields)
  }
  const done: number[] = []
  await workerOf(
    t,
    whole,
    { 'ticket.assign': (job) => once(job, async () => void done.push(job.payload.ticket_id)) },
    { ...QUICK, log },
  )
  await until('all to be done', async () => (await rest.rows()).every((row) => row.doneAt !== null))
  t.strictSame(done.sort(), [1, 2, 3, 4])
  await until('none to be left', async () => (await standing()).length === 0)
})
