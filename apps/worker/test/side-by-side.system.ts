import { alerts, emailDeliveries, outbox, slaPolicies, ticketEvents } from '@servicedesk/db'
import { createTestClock, createTestDesk, startTestWorker, until } from '@servicedesk/testing'
import { eq, isNotNull, sql } from 'drizzle-orm'
import t from 'tap'
import { startMailServer } from './helpers/mail-server.ts'

const clock = createTestClock()
const mail = await startMailServer(t)
const desk = await createTestDesk(t, { clock })
await desk.db.update(slaPolicies).set({ firstResponseSeconds: 60, resolutionSeconds: 60 })

t.test('two workers sweep side by side: each breach is found once, told and mailed once', async (t) => {
  const supervisor = await desk.person('Technical Supervisor', { isAvailable: false })
  const requester = await desk.person('Normal User')
  const wanted = { title: 'Screen is black', description: 'It was fine yesterday evening.' }
  for (let n = 0; n < 15; n += 1) await desk.core.tickets.create(requester, wanted)
  clock.advance(61_000)
  await Promise.all([
    startTestWorker(t, desk, mail.url, { clock }),
    startTestWorker(t, desk, mail.url, { clock }),
  ])
  await Promise.all(Array.from({ length: 6 }, () => desk.queues.sla.add('sla.sweep', {})))
  await until('every sweep to be over', async () => {
    const { waiting = 0, active = 0 } = await desk.queues.sla.getJobCounts('waiting', 'active')
    return waiting + active === 0
  })
  t.equal((await desk.core.pipeline.figures()).breaches, 30)
  t.equal(await desk.db.$count(ticketEvents, eq(ticketEvents.type, 'sla_breach')), 30)
  t.equal(await desk.db.$count(alerts, sql`alert_type = 'sla_violation' AND user_id = ${supervisor.id}`), 30)
  await desk.db.update(outbox).set({ leaseUntil: null }).where(sql`dispatched_at IS NULL`)
  await until('nothing to be owed', async () => (await desk.owed()).length === 0)
  t.equal(await desk.db.$count(emailDeliveries, sql`template = 'sla_violation' AND status = 'sent'`), 30)
  t.equal(mail.mails.filter((each) => each.includes(`To: ${supervisor.email}`)).length, mail.mails.length)
  t.equal(await desk.db.$count(emailDeliveries), mail.mails.length, 'no mail twice')
})

t.test('a handler that always throws ends as a dead letter; figures and an alert show it', async (t) => {
  const before = await desk.core.pipeline.figures()
  t.match(before, { owed: 0, dead: 0 })
  const broken = {
    get: () => Promise.reject(new Error('the configuration is gone')),
    invalidate: () => undefined,
  }
  const other = await createTestDesk(t)
  const admin = await other.person('System Admin')
  await startTestWorker(t, other, mail.url, { configuration: broken })
  await other.db.insert(outbox).values({ queue: 'assignment', name: 'assignment.drain', payload: {} })
  await until('the dead letter', async () => (await other.core.pipeline.figures()).dead === 1)
  await until('the alert', async () => (await other.owed()).length === 0)
  t.match(await other.core.pipeline.figures(), { dead: 1, done: 1, oldest_owed_seconds: null })
  t.match(await other.db.select().from(outbox).where(isNotNull(outbox.failedAt)), [
    { name: 'assignment.drain', lastError: 'the configuration is gone', attempts: 1 },
  ])
  t.match(await other.core.alerts.list(admin, 'me', { limit: 5, unreadOnly: true }), [
    {
      alert_type: 'system',
      title: 'A job failed for good: assignment.drain',
      message: /the configuration is gone/,
    },
  ])
})
