import assert from 'node:assert/strict'
import { outbox, slaClocks } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const admin = sender(desk, await desk.person('System Admin'))
const figures = async () => {
  const answer = await admin('GET', '/admin/pipeline')
  assert.equal(answer.statusCode, 200)
  return answer.json()
}
const NOTHING = {
  owed: 0,
  dead: 0,
  done: 0,
  oldest_owed_seconds: null,
  mails_queued: 0,
  mails_sent: 0,
  mails_failed: 0,
  mails_discarded: 0,
  thumbnails_pending: 0,
  thumbnails_ready: 0,
  thumbnails_failed: 0,
  tickets_waiting: 0,
  breaches: 0,
}

t.test('counts what is owed, done, dead, waiting and breached', async (t) => {
  // Connecting on a busy machine may take longer than a command may.
  await Promise.all(Object.values(desk.queues).map((queue) => queue.waitUntilReady()))
  const { queues, ...empty } = await figures()
  t.same(empty, NOTHING)
  t.same(Object.keys(queues).sort(), Object.keys(desk.queues).sort())
  t.match(queues.assignment, { waiting: 0, active: 0, delayed: 0, failed: 0 })

  const requester = sender(desk, await desk.person('Normal User'))
  const [first, second] = [await makeTicket(requester), await makeTicket(requester)]
  const owed = (await desk.owed()).length
  t.ok(owed >= 2)
  t.match(await figures(), { ...NOTHING, owed, oldest_owed_seconds: Number, tickets_waiting: 2 })

  const [done, dead] = await desk.owed()
  await desk.db
    .update(outbox)
    .set({ doneAt: new Date() })
    .where(eq(outbox.id, done?.id ?? ''))
  await desk.db
    .update(outbox)
    .set({ failedAt: new Date() })
    .where(eq(outbox.id, dead?.id ?? ''))
  await desk.db.update(slaClocks).set({ breachedAt: new Date() }).where(eq(slaClocks.ticketId, first.id))
  await admin('PUT', `/tickets/${second.id}`, { status: 'Closed' })
  t.match(await figures(), { done: 1, dead: 1, tickets_waiting: 1, breaches: 2 })
})

t.test('queues are null while Redis is away, the rest is told', async (t) => {
  desk.redis.disconnect()
  t.teardown(() => desk.redis.connect())
  t.match(await figures(), { queues: null, dead: 1, breaches: 2 })
})

t.test('for admins only', async (t) => {
  isProblem(t, await sender(desk)('GET', '/admin/pipeline'), 401)
  for (const role of ['Normal User', 'Technical User', 'Technical Supervisor'] as const) {
    const answer = await sender(desk, await desk.person(role))('GET', '/admin/pipeline')
    isProblem(t, answer, 403, 'forbidden', role)
  }
})
