import {
  hashToken,
  MailRejected,
  type OutgoingMail,
  recordFailure,
  recordSent,
  sendDelivery,
} from '@servicedesk/core'
import { authTokens, emailDeliveries } from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

const desk = await createCoreDesk(t)
const user = await desk.person('Technical User', { name: 'Zoë Ash', email: 'zoe@test.example' })
const mails: OutgoingMail[] = []
const send = async (mail: OutgoingMail) => void mails.push(mail)

async function queued(template = 'assignment'): Promise<string> {
  const [row] = await desk.db
    .insert(emailDeliveries)
    .values({
      id: sql`uuidv7()`,
      template,
      userId: user.id,
      toEmail: user.email,
      params: { title: 'Screen' },
      status: 'queued',
      createdAt: desk.clock.now(),
    })
    .returning()
  mails.length = 0
  return row!.id
}
const row = async (id: string) =>
  (await desk.db.select().from(emailDeliveries).where(eq(emailDeliveries.id, id)))[0]
const attempt = (id: string, sender = send) => sendDelivery(desk.db, sender, id, desk.clock.now())
const sent = (id: string) => desk.db.transaction((tx) => recordSent(tx, id, desk.clock.now()))

t.test(
  'a delivery is rendered for its recipient, sent, recorded, and then gone for every other job',
  async (t) => {
    const id = await queued()
    t.strictSame(await attempt(id), { status: 'sent' })
    t.match(mails, [
      { deliveryId: id, to: user.email, params: { title: 'Screen', recipient_name: 'Zoë Ash' } },
    ])
    t.match(await row(id), { status: 'sending', attempts: 1, sentAt: null })
    await sent(id)
    t.match(await row(id), { status: 'sent', sentAt: desk.clock.now(), lastError: null })
    t.strictSame(await attempt(id), { status: 'gone' })
    t.equal(mails.length, 1)
  },
)

t.test('a crash after the server took it sends a copy, never none', async (t) => {
  const id = await queued()
  await attempt(id)
  t.strictSame(await attempt(id), { status: 'sent' })
  t.equal(mails.length, 2)
  t.match(await row(id), { attempts: 2 })
})

t.test('what may pass is thrown, what may not is told', async (t) => {
  const id = await queued()
  const away = async () => {
    throw new Error('the server is away')
  }
  await t.rejects(attempt(id, away), { message: 'the server is away' })
  await recordFailure(desk.db, id, 'the server is away', false)
  t.match(await row(id), { status: 'queued', lastError: 'the server is away' })
  const refused = async () => {
    throw new MailRejected('no such mailbox')
  }
  t.strictSame(await attempt(id, refused), { status: 'rejected', reason: 'no such mailbox' })
  await recordFailure(desk.db, id, 'x'.repeat(5_000), true)
  t.match(await row(id), { status: 'failed', attempts: 2 })
  t.equal((await row(id))?.lastError?.length, 2_000)
  t.strictSame(await attempt(id), { status: 'sent' }, 'a dead letter that is retried is sent')
})

t.test('a failure that is reported late does not undo what was sent', async (t) => {
  const id = await queued()
  await attempt(id)
  await sent(id)
  await recordFailure(desk.db, id, 'too late', true)
  t.match(await row(id), { status: 'sent', lastError: null })
})

t.test('a one-time token is made while sending; only its hash is kept, and it ends', async (t) => {
  for (const [template, hours] of [
    ['invitation', 72],
    ['password_reset', 2],
  ] as const) {
    const id = await queued(template)
    await attempt(id)
    const token = String(mails[0]?.params.token)
    t.match(token, /^[\w-]{43}$/)
    const [kept] = await desk.db
      .select()
      .from(authTokens)
      .where(eq(authTokens.hash, hashToken(token)))
    t.match(kept, { userId: user.id, purpose: template, usedAt: null })
    t.equal(kept!.expiresAt.getTime() - desk.clock.now().getTime(), hours * 3_600_000)
    t.notMatch(JSON.stringify([await row(id), kept]), token)
  }
})

t.test('a delivery that is gone, and one to an address without an account', async (t) => {
  t.strictSame(await attempt('0198c0de-0000-7000-8000-000000000001'), { status: 'gone' })
  const id = await queued('invitation')
  await desk.db.update(emailDeliveries).set({ userId: null }).where(eq(emailDeliveries.id, id))
  await attempt(id)
  t.match(mails, [{ params: { recipient_name: '' } }])
  t.notOk(mails[0]?.params.token)
})
