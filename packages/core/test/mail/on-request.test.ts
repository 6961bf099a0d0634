import { type Actor, notify, recordScan } from '@servicedesk/core'
import {
  type AlertType,
  alerts,
  attachments,
  emailDeliveries,
  notificationPreferences,
  outbox,
  ticketWatchers,
} from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { setTargets } from '../helpers/clocks.ts'
import { createCoreDesk } from '../helpers/desk.ts'
import { createMailRun } from '../helpers/mail-run.ts'

const WINDOW = { groupSeconds: 60 }
const desk = await createCoreDesk(t, 10, WINDOW)
const run = createMailRun(desk)
const requester = await desk.person('Normal User')
const watcher = await desk.person('Normal User')
const eager = await desk.person('Technical Supervisor', { isAvailable: false })
const calm = await desk.person('Technical Supervisor', { isAvailable: false })
const [agent] = await desk.agents(1, { maxTickets: 1_000 })

const prefer = (who: Actor, alertType: AlertType, inApp: boolean) =>
  desk.db.insert(notificationPreferences).values({ userId: who.id, alertType, inApp, email: true })
/** What is owed to somebody, thing by thing. */
async function mailsTo(who: Actor) {
  const rows = (await run.rows()).filter((row) => row.userId === who.id)
  return rows.flatMap(({ items, template, params }): { template: string; params: object }[] => {
    return items ?? [{ template, params }]
  })
}
const alertsOf = async (who: Actor) =>
  (await desk.db.select().from(alerts).where(eq(alerts.userId, who.id))).map((row) => row.alertType)

t.beforeEach(async () => {
  for (const table of [emailDeliveries, alerts, outbox, notificationPreferences]) await desk.db.delete(table)
})

t.test('a new ticket, to supervisors who asked for it, in the statement that makes it', async (t) => {
  await desk.ticket(requester)
  t.strictSame(await run.rows(), [], 'nobody asked')
  await prefer(eager, 'ticket_created', false)
  desk.dispatched.length = 0
  const id = await desk.ticket(requester, { title: `It's "new" \u{1F4A5}` })
  const [delivery, ...more] = await run.rows()
  t.equal(more.length, 0)
  const params = {
    title: `It's "new" \u{1F4A5}`,
    requester: requester.name,
    priority: 'Medium',
    category: 'Other',
  }
  t.match(delivery, {
    template: 'ticket_created',
    userId: eager.id,
    toEmail: eager.email,
    ticketId: id,
    eventSeq: 1,
    isOpen: true,
    items: [{ template: 'ticket_created', event_seq: 1, params }],
  })
  t.strictSame([(await alertsOf(eager)).length, (await alertsOf(calm)).length], [1, 2])
  const [job] = await desk.db.select().from(outbox).where(eq(outbox.name, 'email.send'))
  t.match(job, { payload: { delivery_id: delivery!.id }, queue: 'email', leaseUntil: null })
  t.equal(job!.availableAt.getTime() - job!.createdAt.getTime(), 60_000)
  t.strictSame(
    desk.dispatched.map((row) => row.name),
    ['ticket.assign'],
    'the mail waits',
  )
  await desk.assign()
  t.match((await run.rows())[0], { items: { length: 1 } }, 'no copy of the assignment was asked for')
})

t.test('copies of assignments, to supervisors who asked for them; in one mail with the ticket', async (t) => {
  await prefer(eager, 'ticket_created', true)
  await prefer(eager, 'assignment', true)
  await desk.ticket(requester)
  await desk.assign()
  t.match(await mailsTo(eager), [
    { template: 'ticket_created' },
    { template: 'assignment_copy', params: { assignee: agent!.name, priority: 'Medium' } },
  ])
  t.equal((await run.rows()).filter((row) => row.userId === eager.id).length, 1)
  t.match(await mailsTo(agent!), [{ template: 'assignment' }], 'the assignee gets it anyway')
  t.strictSame(await mailsTo(calm), [])
})

t.test('messages and changes of status, to watchers and agents who asked for them', async (t) => {
  const id = await desk.ticket(requester)
  await desk.assign()
  const silent = await desk.person('Normal User')
  for (const userId of [watcher.id, silent.id])
    await desk.db.insert(ticketWatchers).values({ ticketId: id, userId, createdAt: desk.clock.now() })
  await prefer(watcher, 'new_message', true)
  await prefer(watcher, 'status_change', false)
  await prefer(agent!, 'new_message', true)
  await desk.db.delete(emailDeliveries)
  await desk.core.messages.post(requester, { ticketId: id, body: 'Still black' })
  await desk.core.tickets.update(agent!, id, { status: 'Pending' })
  await desk.core.messages.post(agent!, { ticketId: id, body: 'A note', isInternal: true })
  const templates = async (who: Actor) => (await mailsTo(who)).map((row) => row.template)
  t.strictSame(await templates(watcher), ['new_message', 'status_change'])
  t.strictSame(await templates(agent!), ['new_message'])
  t.strictSame(await templates(requester), ['status_change'], 'by default')
  t.strictSame(await templates(silent), [])
  t.strictSame(await alertsOf(silent), ['new_message', 'status_change'])
})

t.test('warnings of the SLA, to the assignee who asked for them', async (t) => {
  await setTargets(desk, 9_999, 100)
  // What is remembered of the configuration is too old then.
  desk.clock.advance(2_000)
  const id = await desk.ticket(requester)
  await desk.assign()
  desk.clock.advance(85_000)
  const other = await desk.ticket(requester)
  await desk.db.delete(emailDeliveries)
  await prefer(agent!, 'sla_warning', false)
  await desk.sweep()
  t.match(await mailsTo(agent!), [
    {
      template: 'sla_warning',
      params: { metric: 'resolution', priority: 'Medium', title: 'Screen is black' },
    },
  ])
  t.notOk((await alertsOf(agent!)).includes('sla_warning'))
  const [delivery] = await run.rows()
  t.match(delivery, { ticketId: id, userId: agent!.id, isOpen: true })
  const [event] = await desk.db.execute<{ type: string }>(
    sql`SELECT type FROM ticket_events WHERE ticket_id = ${id} AND seq = ${delivery!.eventSeq}`,
  )
  t.equal(event?.type, 'sla_warning')
  const jobs = await desk.db.select().from(outbox).where(eq(outbox.name, 'email.send'))
  const job = jobs.find((row) => (row.payload as { delivery_id: string }).delivery_id === delivery!.id)
  t.equal(job!.availableAt.getTime() - job!.createdAt.getTime(), 60_000)
  await desk.db.delete(notificationPreferences)
  await desk.db.delete(emailDeliveries)
  await desk.assign()
  desk.clock.advance(85_000)
  await desk.sweep()
  t.ok((await alertsOf(agent!)).includes('sla_warning'), `of ${other}`)
  t.strictSame(
    (await mailsTo(agent!)).filter((row) => row.template === 'sla_warning'),
    [],
    'nobody asked',
  )
})

t.test('rejected files, with what is internal kept to staff', async (t) => {
  const id = await desk.ticket(requester)
  await prefer(eager, 'file_rejected', true)
  const [file] = await desk.db
    .insert(attachments)
    .values({
      id: sql`uuidv7()`,
      ticketId: id,
      uploadedBy: requester.id,
      filename: 'a.zip',
      extension: 'zip',
      mimeType: 'application/zip',
      category: 'archives',
      bytes: 1,
      sha256: 'a'.repeat(64),
      storageKey: `aa/${id}/original`,
      status: 'scanning',
      thumbnail: 'none',
      createdAt: desk.clock.now(),
    })
    .returning()
  await desk.db.transaction((tx) =>
    recordScan(tx, file!.id, { status: 'infected', signature: 'Eicar' }, desk.clock.now(), WINDOW),
  )
  t.match(await mailsTo(eager), [{ template: 'file_rejected', params: { signature: 'Eicar' } }])
  t.equal((await run.rows()).length, 1)
})

t.test('whatever has no mail of its own: title and words of the alert', async (t) => {
  const id = await desk.ticket(requester)
  await prefer(requester, 'mention', true)
  await prefer(calm, 'system', true)
  const about = { title: 'Title', message: 'Words', at: desk.clock.now() }
  await desk.db.transaction((tx) =>
    notify(
      tx,
      [
        { ...about, userId: requester.id, type: 'mention', ticketId: id, eventSeq: 2 },
        { ...about, userId: calm.id, type: 'system', ticketId: null },
        { ...about, userId: eager.id, type: 'system', ticketId: null },
      ],
      WINDOW,
    ),
  )
  t.match(await mailsTo(requester), [{ template: 'alert', params: { heading: 'Title', message: 'Words' } }])
  t.match(await run.rows(), [
    { userId: calm.id, template: 'system', isOpen: false },
    { userId: requester.id },
  ])
})
