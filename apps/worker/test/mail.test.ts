import { type Actor, notify } from '@servicedesk/core'
import { emailDeliveries, outbox } from '@servicedesk/db'
import { takeEmitted } from '@servicedesk/jobs'
import { createTestDesk, startTestWorker, until } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { startMailServer } from './helpers/mail-server.ts'

const mail = await startMailServer(t)
const desk = await createTestDesk(t)
await startTestWorker(t, desk, mail.url)

/** A mail that is owed to somebody new; answers its delivery's id. */
async function owe(email: string, template = 'new_message'): Promise<string> {
  const to: Actor = await desk.person('Normal User', { email, name: 'Zoë Ångström' })
  const params = { title: 'Screen <is> black', actor: 'Ada', excerpt: 'Try the *other* cable & wait.' }
  const rows = await desk.db.transaction(async (tx) => {
    const at = new Date()
    const mail = { template, params }
    const told = {
      userId: to.id,
      type: 'new_message',
      ticketId: null,
      title: 't',
      message: 'm',
      at,
      mail,
    } as const
    await notify(tx, [told], { groupSeconds: 0 })
    return takeEmitted(tx)
  })
  await desk.db.update(outbox).set({ leaseUntil: null }).where(eq(outbox.id, rows[0]!.id))
  return (rows[0]!.payload as { delivery_id: string }).delivery_id
}
async function delivery(id: string) {
  const [row] = await desk.db.select().from(emailDeliveries).where(eq(emailDeliveries.id, id))
  return row!
}
/** What was recorded of the first failure when the second try came; that is answered only when it has been read. */
let failure: Awaited<ReturnType<typeof delivery>> | undefined
/** Owed before the first test looks, because they wait two seconds for their second try. */
mail.judge = async (to, attempt) => {
  if (to === 'busy@test.example' && attempt === 2) failure = await delivery(busy)
  if (to === 'busy@test.example' && attempt === 1) return { code: 451, text: 'come back later' }
  if (to === 'nobody@test.example') return { code: 550, text: 'no such mailbox' }
  return to === 'window@test.example' && attempt <= 2 ? 'break' : 'take'
}
const busy = await owe('busy@test.example')
const unheard = await owe('window@test.example')
const ends = (id: string, status: string) =>
  until(`the delivery to be ${status}`, async () => (await delivery(id)).status === status)
const mailsTo = (email: string) => mail.mails.filter((each) => each.includes(`To: ${email}`))
const messageIdOf = (text: string | undefined) => /^Message-ID: (.+)$/im.exec(text ?? '')?.[1]

t.test('a server that is busy is tried again, under the same Message-ID', async (t) => {
  const id = busy
  await ends(id, 'sent')
  t.match(failure, { lastError: /come back later/ })
  t.match(await delivery(id), { attempts: 2, lastError: null })
  const tries = mailsTo('busy@test.example').map(messageIdOf)
  t.equal(tries.length, 2)
  t.equal(tries[0], tries[1])
})

t.test('a mail has a text and an HTML part, and is recorded as sent', async (t) => {
  const id = await owe('both@test.example')
  await ends(id, 'sent')
  const [text, ...more] = mailsTo('both@test.example')
  t.equal(more.length, 0)
  t.match(text, /Content-Type: multipart\/alternative/)
  t.match(text, /Content-Type: text\/plain; charset=utf-8/)
  t.match(text, /Content-Type: text\/html; charset=utf-8/)
  t.notMatch(text?.slice(text.indexOf('<!doctype')), '<is>', 'words of people are no markup')
  t.match(messageIdOf(text), `${id}@test.example`)
  t.match(await delivery(id), { attempts: 1, lastError: null })
  t.ok((await delivery(id)).sentAt)
})

t.test('a mail whose taking was never heard of is not lost: a copy goes out', async (t) => {
  const id = unheard
  await ends(id, 'sent')
  const ids = mailsTo('window@test.example').map(messageIdOf)
  t.ok(ids.length >= 2, `${ids.length} copies`)
  t.equal(new Set(ids).size, 1, 'which mail programs show once')
})

t.test('a refusal for good is recorded and not tried again', async (t) => {
  const id = await owe('nobody@test.example')
  await ends(id, 'failed')
  t.match(await delivery(id), { attempts: 1, lastError: /no such mailbox/, sentAt: null })
  const dead = await until('the dead letter', async () => {
    const rows = await desk.db.select().from(outbox).where(eq(outbox.name, 'email.send'))
    return rows.find((row) => (row.payload as { delivery_id: string }).delivery_id === id && row.failedAt)
  })
  t.match(dead, { lastError: /no such mailbox/, doneAt: null })
  await ends(await owe('after@test.example'), 'sent')
  t.equal(mailsTo('nobody@test.example').length, 1)
  t.match(await desk.core.pipeline.figures(), { mails_failed: 1, dead: 1 })
})

t.test('a template of another release fails and says which', async (t) => {
  const id = await owe('template@test.example', 'telegram')
  await ends(id, 'failed')
  t.match(await delivery(id), { lastError: 'unknown mail template "telegram"', attempts: 1 })
  t.strictSame(mailsTo('template@test.example'), [])
})
