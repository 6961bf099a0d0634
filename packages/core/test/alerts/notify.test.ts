import { type Actor, DEFAULT_MAIL, notify } from '@servicedesk/core'
import {
  type AlertType,
  alerts,
  emailDeliveries,
  notificationPreferences,
  outbox,
  users,
} from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

const desk = await createCoreDesk(t)
const mail = { template: 'assignment', params: { title: 'Screen' } }
const tell = (
  people: Actor[],
  more: { type?: AlertType; mail?: typeof mail & { isOnRequest?: boolean } } = {},
) =>
  desk.db.transaction((tx) =>
    notify(
      tx,
      people.map(({ id }) => ({
        userId: id,
        type: 'assignment' as const,
        ticketId: null,
        title: `For ${id}`,
        message: `'); DROP TABLE alerts; -- \u{1F4A5}`,
        at: desk.clock.now(),
        ...more,
      })),
      DEFAULT_MAIL,
    ),
  )
const counts = async () =>
  Promise.all([desk.db.$count(alerts), desk.db.$count(emailDeliveries), desk.db.$count(outbox)])

t.beforeEach(async () => {
  for (const table of [alerts, emailDeliveries, outbox, notificationPreferences]) await desk.db.delete(table)
})

t.test('each is alerted; mail is owed with a job that names only the delivery', async (t) => {
  const people = await desk.agents(3)
  await tell(people, { mail })
  t.strictSame(await counts(), [3, 3, 3])
  t.match(await desk.db.select().from(alerts).where(eq(alerts.userId, people[0]!.id)), [
    { title: `For ${people[0]!.id}`, message: `'); DROP TABLE alerts; -- \u{1F4A5}`, isRead: false },
  ])
  const deliveries = await desk.db.select().from(emailDeliveries)
  const owed = await desk.db.select().from(outbox)
  t.strictSame(
    owed.map((row) => (row.payload as { delivery_id: string }).delivery_id).sort(),
    deliveries.map((row) => row.id).sort(),
  )
  for (const row of deliveries)
    t.match(row, { status: 'queued', params: mail.params, template: 'assignment' })
})

t.test('without mail there is an alert only; for nobody there is nothing', async (t) => {
  await tell(await desk.agents(1))
  t.strictSame(await counts(), [1, 0, 0])
  await tell([], { mail })
  t.strictSame(await counts(), [1, 0, 0])
})

t.test('preferences decide by type, alert and mail apart', async (t) => {
  const [quiet, noMail, onlyMail, other] = await desk.agents(4)
  const prefer = (who: Actor, alertType: AlertType, inApp: boolean, email: boolean) =>
    desk.db.insert(notificationPreferences).values({ userId: who.id, alertType, inApp, email })
  await prefer(quiet!, 'assignment', false, false)
  await prefer(noMail!, 'assignment', true, false)
  await prefer(onlyMail!, 'assignment', false, true)
  await prefer(other!, 'escalation', false, false)
  await tell([quiet!, noMail!, onlyMail!, other!], { mail })
  const told = (await desk.db.select().from(alerts)).map((row) => row.userId)
  const mailed = (await desk.db.select().from(emailDeliveries)).map((row) => row.userId)
  t.strictSame(told.sort(), [noMail!.id, other!.id].sort())
  t.strictSame(mailed.sort(), [onlyMail!.id, other!.id].sort())
})

t.test('what is mailed on request is mailed to those only who asked for it', async (t) => {
  const [silent, asked, refused] = await desk.agents(3)
  for (const [who, email] of [
    [asked!, true],
    [refused!, false],
  ] as const) {
    const preference = { userId: who.id, alertType: 'assignment' as const, inApp: true, email }
    await desk.db.insert(notificationPreferences).values(preference)
  }
  await tell([silent!, asked!, refused!], { mail: { ...mail, isOnRequest: true } })
  t.strictSame(await counts(), [3, 1, 1])
  t.match(await desk.db.select().from(emailDeliveries), [{ userId: asked!.id }])
})

t.test('who is inactive is told nothing', async (t) => {
  const [gone] = await desk.agents(1)
  await desk.db.update(users).set({ isActive: false }).where(eq(users.id, gone!.id))
  await tell([gone!], { mail })
  t.strictSame(await counts(), [0, 0, 0])
})

t.test('what is rolled back told nobody', async (t) => {
  const [agent] = await desk.agents(1)
  const failing = desk.db.transaction(async (tx) => {
    const at = desk.clock.now()
    const told = {
      userId: agent!.id,
      type: 'system',
      ticketId: null,
      title: 't',
      message: 'm',
      at,
      mail,
    } as const
    await notify(tx, [told], DEFAULT_MAIL)
    throw new Error('changed our mind')
  })
  await t.rejects(failing, { message: 'changed our mind' })
  t.strictSame(await counts(), [0, 0, 0])
})
