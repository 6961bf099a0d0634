import { outbox } from '@servicedesk/db'
import { once, relayOnce, UnrecoverableError } from '@servicedesk/jobs'
import { until } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { createJobsDesk, workerOf } from './helpers/jobs-desk.ts'
import { startRedisProxy } from './helpers/redis-proxy.ts'

/** A promise and what settles it. */
function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

t.test('a graceful stop finishes the running job and takes no other', async (t) => {
  const desk = await createJobsDesk(t)
  const [started, finish] = [gate(), gate()]
  let runs = 0
  const worker = await workerOf(t, desk, {
    'ticket.assign': async (job) => {
      runs += 1
      if (runs === 2) started.open()
      await finish.opened
      await once(job, async () => undefined)
    },
  })
  const rows = await desk.owe(6)
  await started.opened
  const closing = worker.close(10_000)
  finish.open()
  await closing
  t.equal(runs, 2, 'as many as work side by side')
  t.equal(await desk.db.$count(outbox, sql`done_at IS NOT NULL`), 2)

  const more = await workerOf(t, desk, {})
  await until('the rest to be done', async () => (await desk.rows()).every((row) => row.doneAt !== null))
  await more.close(5_000)
  t.equal((await desk.rows()).length, rows.length)
})

t.test(
  'a job that does not finish by the deadline does not hold up the stop, and is owed still',
  async (t) => {
    const desk = await createJobsDesk(t)
    const [started, never] = [gate(), gate()]
    const worker = await workerOf(t, desk, {
      'ticket.assign': async () => {
        started.open()
        await never.opened
      },
    })
    await desk.owe(1)
    await started.opened
    await worker.close(50)
    t.match(await desk.rows(), [{ doneAt: null, failedAt: null }])
    never.open()
  },
)

t.test(
  'a handler that throws is tried as often as the catalogue says, then its row is a dead letter',
  async (t) => {
    const desk = await createJobsDesk(t)
    const tries: { attempt: number; isLastAttempt: boolean }[] = []
    const [drain, assign] = await desk.owe(2)
    await desk.set(drain!.id, { name: 'assignment.drain', payload: {} })
    await workerOf(t, desk, {
      'assignment.drain': async ({ outboxId, attempt, isLastAttempt }) => {
        // The schedule's own run has no row.
        if (outboxId === null) return
        tries.push({ attempt, isLastAttempt })
        throw new Error(`no luck, try ${attempt}`)
      },
      'ticket.assign': async () => {
        throw new UnrecoverableError('this can never work')
      },
    })
    const dead = () => desk.db.$count(outbox, sql`failed_at IS NOT NULL`)
    await until('both to be dead', async () => (await dead()) === 2)
    t.strictSame(tries, [
      { attempt: 1, isLastAttempt: false },
      { attempt: 2, isLastAttempt: false },
      { attempt: 3, isLastAttempt: true },
    ])
    // What their alerts owe may be sent; they themselves are not, by nobody.
    await relayOnce(desk.db, desk.queues)
    t.match(await desk.row(drain!.id), { lastError: 'no luck, try 3', doneAt: null, attempts: 1 })
    t.match(await desk.row(assign!.id), { lastError: 'this can never work', attempts: 1 })
  },
)

t.test('an unknown job and a payload that cannot work are dead at once, and the queue goes on', async (t) => {
  const desk = await createJobsDesk(t)
  const handled: unknown[] = []
  const [unknown, wrong, good] = await desk.owe(3)
  await desk.set(unknown!.id, { name: 'ticket.teleport' })
  await desk.set(wrong!.id, { payload: { ticket_id: 'one' } })
  await workerOf(t, desk, { 'ticket.assign': async (job) => void handled.push(job.payload) })
  await until('all three to be settled', async () =>
    (await desk.rows()).every((row) => row.doneAt !== null || row.failedAt !== null),
  )
  t.match(await desk.row(unknown!.id), { lastError: 'unknown job "ticket.teleport"' })
  t.match(await desk.row(wrong!.id), { lastError: /^ticket\.assign: \/ticket_id/ })
  t.ok((await desk.row(good!.id)).doneAt, 'a handler without an effect settles its row too')
  t.strictSame(handled, [good!.payload])
})

t.test(
  'Redis goes away and comes back under a running worker: what was owed meanwhile is done',
  async (t) => {
    const proxy = await startRedisProxy(t)
    const desk = await createJobsDesk(t, proxy.connection)
    const handled: number[] = []
    await workerOf(t, desk, {
      'ticket.assign': (job) => once(job, async () => void handled.push(job.payload.ticket_id)),
    })
    const isDone = async () => (await desk.rows()).every((row) => row.doneAt !== null)
    await desk.owe(3)
    await until('the first to be done', isDone)
    proxy.cut()
    await desk.owe(3)
    await t.rejects(desk.redis.ping())
    t.notOk(await isDone())
    proxy.mend()
    await until('the rest to be done', isDone)
    t.strictSame(handled.sort(), [1, 1, 2, 2, 3, 3], 'each once')
  },
)
