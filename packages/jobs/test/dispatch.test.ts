import { outbox } from '@servicedesk/db'
import { createDispatcher, dispatchRows, emit, takeEmitted } from '@servicedesk/jobs'
import { until } from '@servicedesk/testing'
import t from 'tap'
import { createJobsDesk } from './helpers/jobs-desk.ts'
import { startRedisProxy } from './helpers/redis-proxy.ts'

const proxy = await startRedisProxy(t)
const desk = await createJobsDesk(t, proxy.connection)
const { db, queues } = desk

t.beforeEach(async () => {
  await db.delete(outbox)
  for (const queue of Object.values(queues)) await queue.obliterate({ force: true })
})

t.test('rows go to their queues under their own ids, with the retries of the catalogue', async (t) => {
  const rows = await db.transaction(async (tx) => {
    await emit(tx, 'ticket.assign', { ticket_id: 1 })
    await emit(tx, 'email.send', { delivery_id: '0198c0de-0000-7000-8000-000000000001' })
    return takeEmitted(tx)
  })
  t.equal(await dispatchRows(db, queues, rows), 2)
  const assign = await queues.assignment.getJob(`o-${rows[0]?.id}`)
  t.match(assign, { name: 'ticket.assign', data: { ticket_id: 1 }, opts: { attempts: 15 } })
  const mail = await queues.email.getJob(`o-${rows[1]?.id}`)
  t.match(mail, { opts: { attempts: 12, backoff: { type: 'exponential', delay: 2_000 } } })
  for (const row of await desk.rows()) {
    t.match(row, { attempts: 1, leaseUntil: null, doneAt: null })
    t.ok(row.dispatchedAt)
  }
})

t.test('a dispatch that died before its mark is repeated without a second job', async (t) => {
  const rows = await desk.owe(3)
  await dispatchRows(db, queues, rows)
  await db.update(outbox).set({ dispatchedAt: null, attempts: 0 })
  await dispatchRows(db, queues, rows)
  t.equal(await desk.jobs('assignment'), 3)
})

t.test('a queue that no worker knows makes a dead letter and stops nobody else', async (t) => {
  const [good, strange] = await desk.owe(2)
  await desk.set(strange!.id, { queue: 'elsewhere' })
  t.equal(await dispatchRows(db, queues, [{ ...strange!, queue: 'elsewhere' }, good!]), 1)
  t.match(await desk.row(strange!.id), { lastError: 'unknown queue "elsewhere"', dispatchedAt: null })
  t.ok((await desk.row(strange!.id)).failedAt)
  t.ok((await desk.row(good!.id)).dispatchedAt)
})

t.test('the dispatcher sends what many commits collected, at once and on close', async (t) => {
  const errors: unknown[] = []
  const dispatcher = createDispatcher({ db, queues, onError: (error) => errors.push(error) }, 60_000)
  const rows = await desk.owe(5)
  for (const row of rows) dispatcher.dispatch([row])
  dispatcher.dispatch([])
  t.equal(await desk.jobs('assignment'), 0, 'it waits for more')
  await dispatcher.close()
  t.equal(await desk.jobs('assignment'), 5)
  t.notOk((await desk.rows()).some((row) => row.dispatchedAt === null))

  const quick = createDispatcher({ db, queues, onError: (error) => errors.push(error) })
  quick.dispatch(await desk.owe(2))
  await until('the window to end', async () => (await desk.jobs('assignment')) === 7)
  await quick.close()
  t.strictSame(errors, [])
})

t.test('what is committed while a batch is on its way is the next batch', async (t) => {
  const batches: number[] = []
  let letGo: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const { assignment } = queues
  const slow: typeof assignment = Object.assign(Object.create(assignment), {
    async addBulk(jobs: Parameters<typeof assignment.addBulk>[0]) {
      batches.push(jobs.length)
      if (batches.length === 1) await gate
      return assignment.addBulk(jobs)
    },
  })
  const dispatcher = createDispatcher({ db, queues: { ...queues, assignment: slow }, onError: t.error }, 1)
  const [first, ...others] = await desk.owe(4)
  dispatcher.dispatch([first!])
  await until('the first to be on its way', async () => batches.length === 1)
  for (const row of others) {
    dispatcher.dispatch([row])
    // Longer than the window: only the batch on its way holds them back.
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  letGo()
  await dispatcher.close()
  t.strictSame(batches, [1, 3])
  t.equal(await desk.jobs('assignment'), 4)
})

t.test('Redis away: nothing is thrown, the rows stay owed, their change stays committed', async (t) => {
  const errors: unknown[] = []
  const dispatcher = createDispatcher({ db, queues, onError: (error) => errors.push(error) }, 0)
  const rows = await desk.owe(2)
  proxy.cut()
  dispatcher.dispatch(rows)
  await dispatcher.close()
  proxy.mend()
  t.equal(errors.length, 1)
  t.match(await desk.rows(), [
    { dispatchedAt: null, failedAt: null, attempts: 0 },
    { dispatchedAt: null, failedAt: null, attempts: 0 },
  ])
})
