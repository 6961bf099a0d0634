import { emailDeliveries, users } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { asc, eq } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const nora = await desk.person('Normal User', { name: 'Nora Quist', email: 'nora@test.example' })
const wim = await desk.person('Normal User', { name: 'Wim Bos' })
const ina = await desk.person('Normal User', { name: 'Ina Gone' })
const agent = await desk.person('Technical User', { name: 'Ann Lee' })
const own = sender(desk, nora)
const staff = sender(desk, agent)
const ticket = await makeTicket(own)
for (const who of [wim, ina, agent]) {
  await staff('POST', `/tickets/${ticket.id}/watchers`, { user_id: who.id })
}
await desk.db.update(users).set({ isActive: false }).where(eq(users.id, ina.id))
const path = '/notifications/email'
const mails = () =>
  desk.db
    .select()
    .from(emailDeliveries)
    .where(eq(emailDeliveries.template, 'ticket_notice'))
    .orderBy(asc(emailDeliveries.id))

t.beforeEach(async () => {
  await desk.db.delete(emailDeliveries)
})

t.test('the requester and active watchers are mailed, the writer and others are not', async (t) => {
  const body = {
    ticket_id: ticket.ticket_id,
    to_email: 'stranger@elsewhere.example',
    ticket_title: 'Another title',
    message: 'We come at ten.\nPlease be there.',
    message_type: 'appointment',
    subject: 'Tomorrow at ten',
  }
  const answer = await staff('POST', path, body)
  t.equal(answer.statusCode, 202)
  t.match(answer.json(), { success: true, recipients: 2, message: 'Mail to 2 people is queued' })
  const { message, subject } = body
  const params = { title: 'Printer is jammed', actor: 'Ann Lee', message, subject }
  t.match(await mails(), [
    { userId: nora.id, toEmail: 'nora@test.example', ticketId: ticket.id, status: 'queued', params },
    { userId: wim.id, params },
  ])
  t.equal((await mails()).length, 2)
  const owed = (await desk.owed()).map((row) => (row.payload as { delivery_id?: string }).delivery_id)
  for (const mail of await mails()) t.ok(owed.includes(mail.id))
})

t.test('staff read who wrote what to whom; the ticket itself is as it was', async (t) => {
  const before = (await own('GET', `/tickets/${ticket.id}`)).headers.etag
  await staff('POST', path, { ticket_id: ticket.id })
  t.match(await mails(), [{ params: { message: /news on your ticket/ } }, {}])
  const shown = (await staff('GET', `/messages/ticket/${ticket.id}/timeline?include=events`)).json()
  t.match(shown.at(-1), {
    description: 'Mailed to Nora Quist, Wim Bos: There is news on your ticket. Please have a look at it.',
    performed_by_name: 'Ann Lee',
  })
  for (const view of [`/tickets/${ticket.id}/events`, `/tickets/${ticket.id}/activities`]) {
    t.notMatch((await own('GET', view)).body, /mail/i)
  }
  t.equal((await own('GET', `/tickets/${ticket.id}`)).headers.etag, before)
})

t.test('a key mails once', async (t) => {
  const ask = () => staff('POST', path, { ticket_id: ticket.id }, { 'idempotency-key': 'once' })
  const answers = [await ask(), await ask()]
  t.same(
    answers.map((answer) => [answer.statusCode, answer.body]),
    Array.from({ length: 2 }, () => [202, answers[0]?.body]),
  )
  t.equal((await mails()).length, 2)
})

t.test('what cannot be mailed changes nothing', async (t) => {
  const alone = await makeTicket(staff)
  const before = await contentOf(desk)
  isProblem(t, await own('POST', path, { ticket_id: ticket.id }), 403, 'forbidden')
  isProblem(t, await sender(desk)('POST', path, { ticket_id: ticket.id }), 401)
  isProblem(t, await staff('POST', path, { ticket_id: 999_999 }), 404)
  isProblem(t, await staff('POST', path, { ticket_id: alone.id }), 409, 'no_recipients')
  for (const body of [
    {},
    { ticket_id: 'x' },
    { ticket_id: ticket.id, message: ' ' },
    { ticket_id: ticket.id, message: 'x'.repeat(20_001) },
    ...['a\r\nBcc: x@y.example', 'a\u2028b', '', ' ', 'x'.repeat(151)].map((subject) => ({
      ticket_id: ticket.id,
      subject,
    })),
    { ticket_id: ticket.id, cc: 'x@y.example' },
  ]) {
    isProblem(t, await staff('POST', path, body), 400, 'validation_failed')
  }
  t.same(await contentOf(desk), before)
})
