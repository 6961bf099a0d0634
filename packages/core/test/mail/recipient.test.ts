import { type Actor, type MailSettings, notify } from '@servicedesk/core'
import { type AlertType, emailDeliveries, tickets, ticketWatchers, users } from '@servicedesk/db'
import { and, eq } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'
import { createMailRun } from '../helpers/mail-run.ts'

const desk = await createCoreDesk(t)
const run = createMailRun(desk)
const requester = await desk.person('Normal User')
let ticket = 0
t.beforeEach(async () => {
  await desk.db.delete(emailDeliveries)
  run.arrived.length = 0
  ticket = await desk.ticket(requester)
})

interface Told {
  template: string
  isInternal?: boolean
  eventSeq?: number
}
async function owe(to: Actor, told: Told[], settings: MailSettings = { groupSeconds: 60 }) {
  const type: AlertType = 'new_message'
  const about = { userId: to.id, type, ticketId: ticket, title: 't', message: 'm', at: desk.clock.now() }
  await desk.db.transaction((tx) =>
    notify(
      tx,
      told.map(({ template, ...more }) => ({
        ...about,
        ...more,
        mail: { template, params: { title: 'as it was', said: template } },
      })),
      settings,
    ),
  )
  return (await run.waiting()).at(-1)!
}
const setUser = (who: Actor, set: Partial<typeof users.$inferInsert>) =>
  desk.db.update(users).set(set).where(eq(users.id, who.id))

t.test('who is inactive by then gets nothing, grouped or not, nor account mail', async (t) => {
  const person = await desk.person('Normal User')
  const ids = [
    await owe(person, [{ template: 'ticket_notice' }]),
    await owe(person, [{ template: 'new_message' }]),
  ]
  await desk.db.update(emailDeliveries).set({ ticketId: null }).where(eq(emailDeliveries.id, ids[0]!))
  await setUser(person, { isActive: false })
  for (const id of ids) {
    t.equal(await run.work(id), 'discarded')
    t.match(await run.row(id), {
      status: 'discarded',
      isOpen: false,
      sentAt: null,
      attempts: 0,
      lastError: /not active/,
    })
  }
  t.strictSame(run.arrived, [])
})

t.test('nobody gets mail about a ticket that was deleted, not even an admin, who can see it', async (t) => {
  const admin = await desk.person('System Admin')
  const ids = [
    await owe(requester, [{ template: 'new_message' }]),
    await owe(admin, [{ template: 'escalation' }]),
  ]
  await desk.db.update(tickets).set({ deletedAt: desk.clock.now() }).where(eq(tickets.id, ticket))
  for (const id of ids) t.equal(await run.work(id), 'discarded')
  t.match(await run.row(ids[0]!), { lastError: /may not see the ticket/ })
  t.strictSame(run.arrived, [])
})

t.test('who watches no more gets no mail, unless it is staff', async (t) => {
  const [watcher, agent] = [await desk.person('Normal User'), await desk.person('Technical User')]
  for (const { id } of [watcher, agent])
    await desk.db.insert(ticketWatchers).values({ ticketId: ticket, userId: id, createdAt: desk.clock.now() })
  const watching = await owe(watcher, [{ template: 'new_message' }])
  t.equal(await run.work(watching), 'sent', 'while watching')
  const ids = [
    await owe(watcher, [{ template: 'new_message' }]),
    await owe(agent, [{ template: 'new_message' }]),
  ]
  await desk.db.delete(ticketWatchers).where(and(eq(ticketWatchers.ticketId, ticket)))
  t.strictSame([await run.work(ids[0]!), await run.work(ids[1]!)], ['discarded', 'sent'])
})

t.test('what is internal goes to staff only, who still are staff', async (t) => {
  const former = await desk.person('Technical User')
  await desk.db
    .insert(ticketWatchers)
    .values({ ticketId: ticket, userId: former.id, createdAt: desk.clock.now() })
  const internal = { template: 'new_message', isInternal: true, eventSeq: 2 }
  const mixed = await owe(former, [internal, { template: 'status_change', eventSeq: 3 }])
  await setUser(former, { role: 'Normal User' })
  t.equal(await run.work(mixed), 'sent', 'the rest of a group is told')
  t.match(run.arrived, [{ template: 'status_change', params: { said: 'status_change' } }])
  t.equal(await run.work(await owe(former, [internal])), 'discarded')
  const alone = await owe(former, [internal], { groupSeconds: 0 })
  t.equal(await run.work(alone), 'discarded')
  t.match(await run.row(alone), { lastError: /for staff only/ })
  for (const template of [
    'assignment',
    'escalation',
    'sla_violation',
    'sla_warning',
    'ticket_created',
    'waiting',
  ]) {
    t.equal(await run.work(await owe(former, [{ template }])), 'discarded', template)
  }
  await setUser(former, { role: 'Technical User' })
  t.equal(await run.work(await owe(former, [internal])), 'sent')
  t.equal(run.arrived.length, 2)
})

t.test('mail has the title that the ticket has by then', async (t) => {
  const id = await owe(requester, [{ template: 'new_message' }])
  await desk.db.update(tickets).set({ title: 'As it is' }).where(eq(tickets.id, ticket))
  await run.work(id)
  t.match(run.arrived, [{ params: { title: 'As it is', recipient_name: requester.name } }])
})
