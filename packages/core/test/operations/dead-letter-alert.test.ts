import { type Actor, alertDeadLetter } from '@servicedesk/core'
import { alerts, emailDeliveries, notificationPreferences, outbox, users } from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

const desk = await createCoreDesk(t)
const admins = [await desk.person('System Admin'), await desk.person('System Admin')]
await desk.person('Technical Supervisor')

/** A dead letter; answers its id. */
async function dead(more: Partial<typeof outbox.$inferInsert> = {}): Promise<string> {
  const values = {
    queue: 'email',
    name: 'email.send',
    payload: {},
    failedAt: new Date(),
    lastError: 'no answer',
  }
  const [row] = await desk.db
    .insert(outbox)
    .values({ ...values, ...more })
    .returning()
  return row!.id
}
const tell = (id: string) => desk.db.transaction((tx) => alertDeadLetter(tx, id, desk.clock.now()))
const alertsOf = (admin: Actor) => desk.core.alerts.list(admin, 'me', { limit: 100, unreadOnly: false })

t.beforeEach(async () => {
  for (const table of [alerts, outbox, notificationPreferences]) await desk.db.delete(table)
})

t.test('every admin is told, and nobody else', async (t) => {
  await tell(await dead())
  for (const admin of admins) {
    t.match(await alertsOf(admin), [
      {
        alert_type: 'system',
        title: 'A job failed for good: email.send',
        message: /^no answer\. See .*\/admin\/jobs\/dead/,
        is_read: false,
        ticket_id: null,
      },
    ])
  }
  t.equal(await desk.db.$count(alerts), 2)
})

t.test('a thousand at once are one unread alert a name, which counts them', async (t) => {
  const ids: string[] = []
  for (let n = 0; n < 60; n += 1) ids.push(await dead({ lastError: `reason ${n}` }))
  const other = await dead({ name: 'thumbnail.make', queue: 'thumbnails' })
  await Promise.all([...ids, other].map(tell))
  for (const admin of admins) {
    const told = await alertsOf(admin)
    t.strictSame(told.map((each) => each.title).sort(), [
      '60 jobs failed for good: email.send',
      'A job failed for good: thumbnail.make',
    ])
    t.match(
      told.find((each) => each.title.startsWith('60')),
      { message: /^reason \d+\. / },
    )
  }
  t.strictSame((await desk.db.select().from(alerts)).map((row) => row.occurrences).sort(), [1, 1, 60, 60])
})

t.test('one that is told of again is the newest alert, as of then', async (t) => {
  const [admin] = admins
  await tell(await dead())
  desk.clock.advance(60_000)
  await tell(await dead({ name: 'thumbnail.make', queue: 'thumbnails' }))
  const [, old] = await alertsOf(admin!)
  desk.clock.advance(60_000)
  await tell(await dead())
  const [newest, other] = await alertsOf(admin!)
  t.match(newest, { id: old?.id, title: /^2 jobs/, created_at: desk.clock.now().toISOString() })
  t.match(other, { title: /thumbnail/ })
})

t.test('after it was read the next is a new alert', async (t) => {
  const [first, second] = admins
  await tell(await dead())
  await desk.core.alerts.markAllRead(first!, 'me')
  await tell(await dead())
  t.match(await alertsOf(first!), [{ is_read: false, title: /^A job/ }, { is_read: true }])
  t.match(await alertsOf(second!), [{ is_read: false, title: /^2 jobs/ }])
})

t.test('who wants none, and who has left, gets none', async (t) => {
  const [quiet, here] = admins
  const gone = await desk.person('System Admin')
  await desk.db.update(users).set({ isActive: false }).where(eq(users.id, gone.id))
  const preference = { userId: quiet!.id, alertType: 'system', inApp: false, email: true } as const
  await desk.db.insert(notificationPreferences).values(preference)
  await tell(await dead())
  t.strictSame(
    (await desk.db.select().from(alerts)).map((row) => row.userId),
    [here!.id],
  )
})

t.test('a row that was retried meanwhile is told of all the same; one that is gone is not', async (t) => {
  await tell(await dead({ failedAt: null, lastError: null }))
  t.match(await alertsOf(admins[0]!), [{ message: /retried before/ }])
  await tell('0198c0de-0000-7000-8000-000000000001')
  t.equal(await desk.db.$count(alerts), 2)
})

t.test('the mail of a job that died on its way has failed and is waited for no longer', async (t) => {
  const owe = async (status: 'queued' | 'sending' | 'sent') => {
    const [row] = await desk.db
      .insert(emailDeliveries)
      .values({
        id: sql`uuidv7()`,
        template: 'assignment',
        toEmail: 'a@test.example',
        params: {},
        status,
        sentAt: status === 'sent' ? desk.clock.now() : null,
        createdAt: desk.clock.now(),
      })
      .returning()
    return row!.id
  }
  const [queued, sending, sent, revived] = [
    await owe('queued'),
    await owe('sending'),
    await owe('sent'),
    await owe('queued'),
  ]
  for (const delivery_id of [queued, sending, sent]) await tell(await dead({ payload: { delivery_id } }))
  await tell(await dead({ payload: { delivery_id: revived }, failedAt: null }))
  const rows = new Map((await desk.db.select().from(emailDeliveries)).map((row) => [row.id, row]))
  t.match(rows.get(queued), { status: 'failed', lastError: 'no answer' })
  t.match(rows.get(sending), { status: 'failed' })
  t.match(rows.get(sent), { status: 'sent', lastError: null })
  t.match(rows.get(revived), { status: 'queued' }, 'its retry is under way')
})

t.test('payloads and names that somebody edited are told of like any other', async (t) => {
  for (const payload of [
    null,
    7,
    'x',
    [],
    { delivery_id: 'x' },
    { delivery_id: { a: 1 } },
    { delivery_id: '-'.repeat(36) },
  ]) {
    await tell(await dead({ payload: sql`${JSON.stringify(payload)}::jsonb` as unknown }))
  }
  await tell(await dead({ name: `constructor ${'n'.repeat(5_000)}` }))
  await tell(await dead({ name: 'constructor' }))
  t.match(await alertsOf(admins[0]!), [{}, {}, { title: /^7 jobs/ }])
})

t.test('by mail, where asked for: once an hour and kind of job, and never of a mail', async (t) => {
  await desk.db.delete(emailDeliveries)
  const preference = { userId: admins[0]!.id, alertType: 'system' as const, inApp: false, email: true }
  await desk.db.insert(notificationPreferences).values(preference)
  const about = { name: 'thumbnail.make', queue: 'thumbnails' }
  const many: string[] = []
  for (let n = 0; n < 12; n += 1) many.push(await dead(about))
  await Promise.all([...many, await dead()].map(tell))
  const mails = async () => desk.db.select().from(emailDeliveries)
  t.match(await mails(), [
    {
      template: 'system',
      userId: admins[0]!.id,
      toEmail: admins[0]!.email,
      status: 'queued',
      params: { heading: 'Jobs fail for good: thumbnail.make', message: /no answer/ },
    },
  ])
  const owed = (await desk.db.select().from(outbox)).filter(
    (row) => row.name === 'email.send' && !row.failedAt,
  )
  t.strictSame(
    owed.map((row) => row.payload),
    (await mails()).map(({ id }) => ({ delivery_id: id })),
  )
  await tell(await dead({ name: 'file.scan', queue: 'files' }))
  t.equal((await mails()).length, 2, 'another kind')
  desk.clock.advance(3_600_000)
  await tell(await dead(about))
  t.equal((await mails()).length, 3, 'an hour later')
})
