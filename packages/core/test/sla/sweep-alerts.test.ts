import { createConfigurationCache, sweep } from '@servicedesk/core'
import {
  alerts,
  emailDeliveries,
  notificationPreferences,
  outbox,
  slaClocks,
  slaPolicies,
  tickets,
  users,
} from '@servicedesk/db'
import type { OutboxRow } from '@servicedesk/jobs'
import { eq, inArray, isNotNull, sql } from 'drizzle-orm'
import t from 'tap'
import { clockLog, clockOf, eventsOf, setTargets } from '../helpers/clocks.ts'
import { createCoreDesk } from '../helpers/desk.ts'
import { brokenPromises } from '../helpers/load.ts'

t.test('a breach is told in full: alert, mail, and both logs', async (t) => {
  const desk = await createCoreDesk(t)
  await setTargets(desk, 9_999, 60)
  const supervisor = await desk.person('Technical Supervisor', { isAvailable: false })
  const [agent] = await desk.agents(1)
  const id = await desk.ticket(await desk.person('Normal User'), { title: `It's "broken" \u{1F4A5}` })
  await desk.assign()
  const due = new Date(desk.clock.now().getTime() + 60_000).toISOString()
  desk.clock.advance(75_000)
  await desk.sweep()

  const about = { ticketId: id, createdAt: desk.clock.now() }
  const [event] = await eventsOf(desk, id, 'sla_breach')
  t.match(event, { ...about, actorId: null, publicSeq: null, data: { metric: 'resolution', due_at: due } })
  const title = `TKT-${id} missed its resolution target`
  const told = await desk.db.select().from(alerts).where(eq(alerts.alertType, 'sla_violation'))
  t.strictSame(told.map((row) => row.userId).sort(), [supervisor.id, agent!.id].sort())
  for (const row of told) t.match(row, { ...about, title, message: `It's "broken" \u{1F4A5}`, isRead: false })
  const mails = await desk.db
    .select()
    .from(emailDeliveries)
    .where(eq(emailDeliveries.template, 'sla_violation'))
  t.strictSame(mails.map((row) => row.toEmail).sort(), [supervisor.email, agent!.email].sort())
  for (const row of mails) {
    t.match(row, { ...about, status: 'queued', eventSeq: event!.seq })
    const params = { title: `It's "broken" \u{1F4A5}`, priority: 'Medium', metric: 'resolution', due_at: due }
    t.strictSame(row.params, { ...params, assignee: agent!.name })
  }
})

t.test('who is told: active supervisors and the assignee, once each, as they prefer', async (t) => {
  const desk = await createCoreDesk(t)
  await setTargets(desk, 9_999, 60)
  const working = await desk.person('Technical Supervisor')
  const quiet = await desk.person('Technical Supervisor', { isAvailable: false })
  const gone = await desk.person('Technical Supervisor', { isAvailable: false })
  const admin = await desk.person('System Admin')
  await desk.db.update(users).set({ isActive: false }).where(eq(users.id, gone.id))
  await desk.db
    .insert(notificationPreferences)
    .values({ userId: quiet.id, alertType: 'sla_violation', inApp: false, email: true })
  const id = await desk.ticket(await desk.person('Normal User'))
  await desk.assign()
  t.match(await desk.core.tickets.get(admin, id), { assigned_to: working.id })
  desk.clock.advance(60_000)
  await desk.sweep()
  const told = await desk.db.select().from(alerts).where(eq(alerts.alertType, 'sla_violation'))
  t.strictSame(
    told.map((row) => row.userId),
    [working.id],
    'once, although assignee and supervisor',
  )
  const mailed = await desk.db
    .select()
    .from(emailDeliveries)
    .where(eq(emailDeliveries.template, 'sla_violation'))
  t.strictSame(mailed.map((row) => row.userId).sort(), [working.id, quiet.id].sort())
})

t.test('a policy that does not alert: on the clock and the timeline only', async (t) => {
  const desk = await createCoreDesk(t)
  await desk.db
    .update(slaPolicies)
    .set({ breachAlert: false, resolutionSeconds: 60, firstResponseSeconds: 60 })
  await desk.person('Technical Supervisor', { isAvailable: false })
  await desk.agents(1)
  const id = await desk.ticket(await desk.person('Normal User'))
  await desk.assign()
  desk.clock.advance(60_000)
  t.match(await desk.sweep(), { breached: 2 })
  t.strictSame(await clockLog(desk, id, 'resolution'), ['start', 'breach'])
  t.equal((await eventsOf(desk, id, 'sla_breach')).length, 2)
  t.equal(await desk.db.$count(alerts, eq(alerts.alertType, 'sla_violation')), 0)
  t.equal(await desk.db.$count(emailDeliveries, eq(emailDeliveries.template, 'sla_violation')), 0)
})

t.test('a whole sweep goes on until no batch is full, and hands over the jobs of each', async (t) => {
  const desk = await createCoreDesk(t)
  await setTargets(desk, 60, 60)
  await desk.person('Technical Supervisor', { isAvailable: false })
  const requester = await desk.person('Normal User')
  const ids: number[] = []
  for (let n = 0; n < 5; n += 1) ids.push(await desk.ticket(requester))
  desk.clock.advance(50_000)
  const deps = {
    db: desk.db,
    clock: desk.clock,
    dispatch: (rows: readonly OutboxRow[]) => void desk.dispatched.push(...rows),
    configuration: createConfigurationCache(desk.db, desk.clock),
  }
  t.match(await sweep(deps, 3), { breached: 0, warned: 10 })
  desk.dispatched.length = 0
  desk.clock.advance(10_000)
  t.match(await sweep(deps, 3), { breached: 10, warned: 0 })
  t.equal(await desk.db.$count(slaClocks, isNotNull(slaClocks.breachedAt)), 10)
  const owed = await desk.db.select().from(outbox).where(eq(outbox.name, 'email.send'))
  const seen = (row: { id: string; payload: unknown }) => ({ id: row.id, payload: row.payload })
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
  t.equal(owed.length, 10)
  t.strictSame(desk.dispatched.map(seen).sort(byId), owed.map(seen).sort(byId))
  for (const row of desk.dispatched) t.match(row, { queue: 'email', name: 'email.send', attempts: 0 })
  for (const row of owed)
    t.ok(row.leaseUntil !== null && row.leaseUntil > row.createdAt, 'left to who wrote it')
  t.strictSame(await brokenPromises(desk.db), [])
})

t.test('it waits for nobody: what is locked is left to the next sweep', async (t) => {
  const desk = await createCoreDesk(t)
  await setTargets(desk, 60, 60)
  const requester = await desk.person('Normal User')
  const ids: number[] = []
  for (let n = 0; n < 3; n += 1) ids.push(await desk.ticket(requester))
  desk.clock.advance(60_000)
  await desk.db.transaction(async (other) => {
    await other
      .select()
      .from(tickets)
      .where(inArray(tickets.id, [ids[1]!]))
      .for('no key update')
    // The lock under which tickets are assigned is not a sweep's business.
    await other.execute(sql`SELECT pg_advisory_xact_lock(7301003)`)
    t.match(await desk.sweep(), { breached: 4, more: false })
    t.equal((await eventsOf(desk, ids[1]!, 'sla_breach')).length, 0)
  })
  t.match(await desk.sweep(), { breached: 2 })
  t.match(await desk.sweep(), { breached: 0 })
})

t.test(
  'a clock that an edit has yet to reach is brought to the rules in force, not breached by the old ones',
  async (t) => {
    const desk = await createCoreDesk(t)
    await setTargets(desk, 60, 60)
    const id = await desk.ticket(await desk.person('Normal User'))
    const started = desk.clock.now().getTime()
    desk.clock.advance(30_000)
    const changedAt = desk.clock.now()
    await desk.db.update(slaPolicies).set({ firstResponseSeconds: 600, resolutionSeconds: 900, changedAt })
    desk.clock.advance(31_000)
    t.match(await desk.sweep(), { breached: 0, warned: 0, recomputed: 1, more: false })
    t.match(await clockOf(desk, id, 'first_response'), {
      breachedAt: null,
      dueAt: new Date(started + 600_000),
    })
    t.strictSame(await clockLog(desk, id, 'resolution'), ['start', 'apply_policy'])
    desk.clock.advance(569_000)
    t.match(await desk.sweep(), { breached: 1, warned: 0, recomputed: 0 })

    // Due by both: breached where the rules that held then had it.
    await desk.db.update(slaPolicies).set({ resolutionSeconds: 60, changedAt: desk.clock.now() })
    const edited = desk.clock.now()
    desk.clock.advance(400_000)
    t.match(await desk.sweep(), { recomputed: 1 })
    t.match(await clockOf(desk, id, 'resolution'), { breachedAt: edited })
  },
)
