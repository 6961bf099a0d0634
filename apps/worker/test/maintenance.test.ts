import { alerts, emailDeliveries, outbox } from '@servicedesk/db'
import { createTestDesk, startTestWorker, until } from '@servicedesk/testing'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { startMailServer } from './helpers/mail-server.ts'

const mail = await startMailServer(t)
const desk = await createTestDesk(t, { dispatch: true })
const admin = await desk.person('System Admin')
const requester = await desk.person('Normal User')

t.test('a dead letter is told of; retried, its mail is sent', async (t) => {
  // Connecting on a busy machine may take longer than a command may.
  await Promise.all(Object.values(desk.queues).map((queue) => queue.waitUntilReady()))
  await startTestWorker(t, desk, mail.url)
  mail.judge = () => ({ code: 550, text: 'no such mailbox' })
  const [delivery] = await desk.db
    .insert(emailDeliveries)
    .values({
      id: sql`uuidv7()`,
      template: 'invitation',
      userId: requester.id,
      toEmail: requester.email,
      params: {},
      status: 'queued',
      createdAt: new Date(),
    })
    .returning()
  const delivery_id = delivery!.id
  const [job] = await desk.db
    .insert(outbox)
    .values({ queue: 'email', name: 'email.send', payload: { delivery_id } })
    .returning()
  const id = job!.id
  const told = await until('the alert', async () => (await desk.db.select().from(alerts))[0])
  t.match(told, { userId: admin.id, alertType: 'system', message: /no such mailbox/ })
  t.equal(await desk.queues.email.getJob(`o-${id}`).then((each) => each?.getState()), 'failed')

  mail.judge = () => 'take'
  const answer = await desk.app.inject({
    method: 'POST',
    url: `/api/v1/admin/jobs/dead/${id}/retry`,
    headers: desk.as(admin),
  })
  t.equal(answer.statusCode, 202)
  const isSent = async () => {
    const [row] = await desk.db.select().from(emailDeliveries).where(eq(emailDeliveries.id, delivery_id))
    return row?.status === 'sent' && row
  }
  t.match(await until('the mail to be sent', isSent), { attempts: 2, lastError: null })
  await until('nothing to be owed', async () => (await desk.owed()).length === 0)
  t.match(await desk.core.pipeline.figures(), { dead: 0, mails_sent: 1, mails_failed: 0 })
  t.equal(await desk.db.$count(alerts), 1, 'told of once')
})
