import { emailDeliveries, outbox } from '@servicedesk/db'
import { createTestDesk, startTestWorker, until } from '@servicedesk/testing'
import { eq, sql } from 'drizzle-orm'
import PostalMime from 'postal-mime'
import t from 'tap'
import { startMailServer } from './helpers/mail-server.ts'

const mail = await startMailServer(t)
const desk = await createTestDesk(t, { dispatch: true, config: { mailGroupSeconds: 600 } })
await startTestWorker(t, desk, mail.url)
const requester = await desk.person('Normal User', { email: 'ann@test.example', name: 'Ann Lee' })
const admin = await desk.person('System Admin', { name: 'Ada Obi' })
const sent = () => desk.db.$count(emailDeliveries, eq(emailDeliveries.status, 'sent'))
/** Has the minutes passed that the window lasts, and waits until so many mails are sent. */
async function endWindow(many: number) {
  await desk.db.update(outbox).set({ availableAt: sql`now()` }).where(eq(outbox.name, 'email.send'))
  await until('the mail to be sent', async () => (await sent()) === many)
}
const arrived = () => Promise.all(mail.mails.map((raw) => PostalMime.parse(raw)))

t.test(
  'what happens in a window is one mail, from the change to the mailbox; the next is in its thread',
  async (t) => {
    const title = 'Écran noir =?utf-8?Q?=0D=0ABcc:_x@test.example?='
    const { id } = await desk.core.tickets.create(requester, {
      title,
      description: 'Since this morning it is.',
    })
    for (const body of ['First <b>word</b>', 'Second word'])
      await desk.core.messages.post(admin, { ticketId: id, body })
    await desk.core.tickets.update(admin, id, { status: 'Pending' })
    t.strictSame(mail.mails, [], 'while the window is open')
    await endWindow(1)
    await desk.core.messages.post(admin, { ticketId: id, body: 'Third word' })
    await endWindow(2)
    const [first, second, ...more] = await arrived()
    t.equal(more.length, 0)
    const text = first?.text ?? ''
    const places = ['First <b>word</b>', 'Second word', 'New → Pending'].map((part) => text.indexOf(part))
    t.ok(places[0]! > 0 && places[1]! > places[0]! && places[2]! > places[1]!, places.join())
    t.match(text, /^3 updates on TKT-\d+\n/)
    t.match(second?.text, /^New message from Ada Obi\n/)
    t.notMatch(first?.html, '<b>word</b>')
    for (const each of [first, second]) {
      t.equal(each?.subject, `[TKT-${id}] Écran noir = ?utf-8?Q?=0D=0ABcc:_x@test.example?=`, 'one subject')
      t.equal(each?.inReplyTo, `<ticket-${id}@test.example>`)
      t.equal(each?.references, `<ticket-${id}@test.example>`)
      const headers = Object.fromEntries((each?.headers ?? []).map(({ key, value }) => [key, value]))
      t.match(headers, {
        'auto-submitted': 'auto-generated',
        'list-unsubscribe': '<http://desk.test/settings/notifications>',
        'list-id': 'ServiceDesk tickets <tickets.test.example>',
      })
    }
    t.not(first?.messageId, second?.messageId)
    t.ok(text.includes(`http://desk.test/tickets/${id}`))
    const rows = await desk.db.select().from(emailDeliveries).where(eq(emailDeliveries.ticketId, id))
    t.strictSame(
      rows.map((row) => [row.status, row.isOpen]),
      [
        ['sent', false],
        ['sent', false],
      ],
    )
  },
)
