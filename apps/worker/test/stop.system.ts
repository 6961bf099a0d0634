import { type Actor, notify } from '@servicedesk/core'
import { emailDeliveries, outbox } from '@servicedesk/db'
import { takeEmitted } from '@servicedesk/jobs'
import { createTestDesk, until } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { startMailServer, type Verdict } from './helpers/mail-server.ts'
import { startWorkerProcess } from './helpers/worker-process.ts'

const mail = await startMailServer(t)
const desk = await createTestDesk(t)
const { email } = desk.queues

/** Owes a mail to somebody new; answers the ids of row and delivery. */
async function owe(address: string) {
  const to: Actor = await desk.person('Normal User', { email: address })
  const params = { title: 'Screen is black', actor: 'Ada', excerpt: 'Try the other cable.' }
  const [row] = await desk.db.transaction(async (tx) => {
    const about = { userId: to.id, type: 'new_message' as const, ticketId: null, title: 't', message: 'm' }
    await notify(tx, [{ ...about, at: new Date(), mail: { template: 'new_message', params } }], {
      groupSeconds: 0,
    })
    return takeEmitted(tx)
  })
  await desk.db.update(outbox).set({ leaseUntil: null }).where(eq(outbox.id, row!.id))
  return { id: row!.id, deliveryId: (row!.payload as { delivery_id: string }).delivery_id }
}
const isDone = async (id: string) => {
  const [row] = await desk.db.select().from(outbox).where(eq(outbox.id, id))
  return row?.doneAt !== null
}
async function delivery(id: string) {
  const [row] = await desk.db.select().from(emailDeliveries).where(eq(emailDeliveries.id, id))
  return row!
}
/** What BullMQ said of a job, in order. */
async function eventsOf(jobId: string): Promise<string[]> {
  const events = await desk.redis.xrange(email.toKey('events'), '-', '+')
  return events.flatMap(([, fields]) =>
    fields.includes(jobId) ? [fields[fields.indexOf('event') + 1]!] : [],
  )
}
/** A mail server that says nothing to the first try of an address before it is let go. */
function silentAt(address: string) {
  let letGo: () => void = () => undefined
  const answered = new Promise<Verdict>((resolve) => {
    letGo = () => resolve('take')
  })
  mail.judge = (to, attempt) => (to === address && attempt === 1 ? answered : 'take')
  const asked = () => until('the mail server to be asked', async () => mail.tried.includes(address))
  return { letGo, asked }
}

t.test('a job that cannot finish before the deadline is done by another worker at once', async (t) => {
  const server = silentAt('slow@test.example')
  const stopped = await startWorkerProcess(t, desk, { smtpUrl: mail.url, shutdownTimeout: 2 })
  const { id, deliveryId } = await owe('slow@test.example')
  await server.asked()
  const other = await startWorkerProcess(t, desk, { smtpUrl: mail.url, shutdownTimeout: 2 })
  const asked = performance.now()
  stopped.stop()
  t.equal(await stopped.ended, 0)
  t.ok(performance.now() - asked < 3_000, 'within its deadline')
  await until('the other to do it', () => isDone(id), 2_000)
  t.match(await delivery(deliveryId), { status: 'sent', attempts: 2 })
  const job = await until('its end to be in Redis', async () => {
    // Asked first and read then: a job read before its end would show what it was before its end.
    const isOver = (await email.getJobState(`o-${id}`)) === 'completed'
    return isOver ? email.getJob(`o-${id}`) : undefined
  })
  t.match(job, { attemptsMade: 1, stalledCounter: 0 }, 'the try that did it, and no other')
  t.notOk(
    (await eventsOf(`o-${id}`)).some((event) => ['stalled', 'failed', 'retries-exhausted'].includes(event)),
  )
  server.letGo()
  other.stop()
  t.equal(await other.ended, 0)
})

t.test('a job that can finish in time does, before the process ends', async (t) => {
  const server = silentAt('soon@test.example')
  const worker = await startWorkerProcess(t, desk, { smtpUrl: mail.url, shutdownTimeout: 10 })
  const { id, deliveryId } = await owe('soon@test.example')
  await server.asked()
  worker.stop()
  // It takes no more work: that is how it is known that the stop has begun.
  await until('it to take no more', async () => (await email.getWorkersCount()) === 0)
  const late = await owe('late@test.example')
  server.letGo()
  t.equal(await worker.ended, 0)
  t.ok(await isDone(id))
  t.match(await delivery(deliveryId), { status: 'sent', attempts: 1 })
  t.equal(mail.tried.filter((to) => to === 'soon@test.example').length, 1, 'one copy')
  t.strictSame((await eventsOf(`o-${id}`)).slice(-1), ['completed'])
  t.notOk(await isDone(late.id), 'what came after is for others')
})
