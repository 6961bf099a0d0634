import { alerts, emailDeliveries, outbox, slaPolicies, tickets } from '@servicedesk/db'
import { and, eq, isNull } from 'drizzle-orm'
import t from 'tap'
import { actOnBreaches, clockLog, clockOf, eventsOf } from '../helpers/clocks.ts'
import { type CoreDesk, createCoreDesk } from '../helpers/desk.ts'
import { brokenPromises } from '../helpers/load.ts'

type Policy = Partial<typeof slaPolicies.$inferInsert>
const set = (desk: CoreDesk, policy: Policy) => desk.db.update(slaPolicies).set(policy)
const ticketOf = async (desk: CoreDesk, id: number) =>
  (await desk.db.select().from(tickets).where(eq(tickets.id, id)))[0]!
const toldOf = async (desk: CoreDesk, type: 'escalation' | 'sla_violation') =>
  (await desk.db.select().from(alerts).where(eq(alerts.alertType, type))).map((row) => row.userId)
const owed = (desk: CoreDesk, name: string) =>
  desk.db.$count(outbox, and(eq(outbox.name, name), isNull(outbox.doneAt)))

t.test(
  'escalate: level, priority and clocks move, the chain is alerted, by nobody, for the metric',
  async (t) => {
    const desk = await createCoreDesk(t)
    await set(desk, { firstResponseSeconds: 9_000, resolutionSeconds: 60, breachEscalate: true })
    const supervisor = await desk.person('Technical Supervisor', { isAvailable: false })
    const [agent] = await desk.agents(1)
    const id = await desk.ticket(await desk.person('Normal User'), { priority: 'Low' })
    await desk.assign()
    desk.clock.advance(60_000)
    t.match(await desk.sweep(), { breached: 1 })
    t.strictSame(await actOnBreaches(desk), [{ escalated: true, reassigned: false }])
    t.match(await desk.core.tickets.get(agent!, id), {
      escalation_level: 1,
      priority: 'Medium',
      assigned_to: agent!.id,
    })
    t.strictSame(await toldOf(desk, 'escalation'), [supervisor.id])
    const reason = 'The resolution target was missed'
    const [event] = await eventsOf(desk, id, 'escalated')
    t.match(event, { actorId: null, publicSeq: null, data: { level: 1, reason, to: [supervisor.id] } })
    t.match(await eventsOf(desk, id, 'priority_changed'), [
      { actorId: null, data: { from: 'Low', to: 'Medium' } },
    ])
    const mails = await desk.db
      .select()
      .from(emailDeliveries)
      .where(eq(emailDeliveries.template, 'escalation'))
    t.match(mails, [
      {
        userId: supervisor.id,
        eventSeq: event!.seq,
        params: { level: 1, priority: 'Medium', actor: null, reason },
      },
    ])
    t.strictSame(await clockLog(desk, id, 'first_response'), ['start', 'apply_policy'])
    t.match(await desk.core.messages.activities(agent!, id), [
      ...[{}, {}, {}, {}],
      { description: `Escalated to level 1: ${reason}`, performed_by: null },
      { description: 'Priority changed from Low to Medium' },
    ])
    t.match(await desk.sweep(), { breached: 0 })
    t.equal(await owed(desk, 'sla.act'), 0, 'once a clock')
  },
)

t.test('each clock escalates once', async (t) => {
  const desk = await createCoreDesk(t)
  await set(desk, { firstResponseSeconds: 60, resolutionSeconds: 60, breachEscalate: true })
  const [agent] = await desk.agents(1)
  const id = await desk.ticket(await desk.person('Normal User'), { priority: 'Low' })
  desk.clock.advance(60_000)
  await desk.sweep()
  t.strictSame(await actOnBreaches(desk), Array(2).fill({ escalated: true, reassigned: false }))
  t.match(await desk.core.tickets.get(agent!, id), { escalation_level: 2, priority: 'High' })
})

t.test('a breach that an escalation brings about does not escalate again', async (t) => {
  const desk = await createCoreDesk(t)
  await set(desk, { firstResponseSeconds: 200, resolutionSeconds: 9_000, breachEscalate: true })
  // The higher priority allows 100 s, of which 200 have passed when the first response is late.
  const [critical] = await desk.db.select().from(slaPolicies).orderBy(slaPolicies.position)
  await desk.db.update(slaPolicies).set({ resolutionSeconds: 100 }).where(eq(slaPolicies.id, critical!.id))
  const [agent] = await desk.agents(1)
  const supervisor = await desk.person('Technical Supervisor', { isAvailable: false })
  const id = await desk.ticket(await desk.person('Normal User'), { priority: 'High' })
  desk.clock.advance(200_000)
  t.match(await desk.sweep(), { breached: 1 })
  t.strictSame(await actOnBreaches(desk), [
    { escalated: true, reassigned: false },
    { escalated: false, reassigned: false },
  ])
  const shown = { escalation_level: 1, priority: 'Critical', sla_violated: true }
  t.match(await desk.core.tickets.get(agent!, id), shown)
  t.match(await clockOf(desk, id, 'resolution'), { breachedAt: desk.clock.now() })
  t.strictSame(await toldOf(desk, 'sla_violation'), [supervisor.id, supervisor.id], 'but it is told')
})

t.test(
  'the most urgent stays so; the level rises all the same, and by the policy that was missed',
  async (t) => {
    const desk = await createCoreDesk(t)
    const [critical] = await desk.db.select().from(slaPolicies).orderBy(slaPolicies.position)
    await set(desk, { firstResponseSeconds: 60, resolutionSeconds: 60, breachEscalate: true })
    const top = await desk.ticket(await desk.person('Normal User'), { priority: 'Critical' })
    const next = await desk.ticket(await desk.person('Normal User'), { priority: 'High' })
    desk.clock.advance(60_000)
    await desk.sweep()
    // What Critical wants is no business of a clock that was held against High.
    await desk.db.update(slaPolicies).set({ breachEscalate: false }).where(eq(slaPolicies.id, critical!.id))
    await actOnBreaches(desk)
    t.match(await ticketOf(desk, top), { escalationLevel: 0 })
    t.match(await ticketOf(desk, next), { escalationLevel: 2, priorityId: critical!.priorityId })
    await desk.db.update(slaPolicies).set({ breachEscalate: true }).where(eq(slaPolicies.id, critical!.id))
    const again = await desk.ticket(await desk.person('Normal User'), { priority: 'Critical' })
    desk.clock.advance(60_000)
    await desk.sweep()
    await actOnBreaches(desk)
    t.match(await ticketOf(desk, again), { escalationLevel: 2, priorityId: critical!.priorityId })
    t.strictSame(await eventsOf(desk, again, 'priority_changed'), [])
  },
)

t.test('reassign: back to assignment, which passes the former agent over; the counter follows', async (t) => {
  const desk = await createCoreDesk(t)
  await set(desk, { firstResponseSeconds: 9_000, resolutionSeconds: 60, breachReassign: true })
  const agents = await desk.agents(2)
  const id = await desk.ticket(await desk.person('Normal User'))
  await desk.assign()
  const former = (await ticketOf(desk, id)).assignedTo!
  desk.clock.advance(60_000)
  await desk.sweep()
  t.equal((await ticketOf(desk, id)).assignedTo, former)
  await desk.db.update(outbox).set({ doneAt: new Date() }).where(eq(outbox.name, 'ticket.assign'))
  t.strictSame(await actOnBreaches(desk), [{ escalated: false, reassigned: true }])
  t.match(await ticketOf(desk, id), { assignedTo: null, passedOver: former })
  t.match(await eventsOf(desk, id, 'unassigned'), [{ actorId: null, data: { from: former } }])
  t.strictSame(await brokenPromises(desk.db), [])
  t.ok((await owed(desk, 'ticket.assign')) + (await owed(desk, 'assignment.drain')) > 0)
  t.equal(await desk.assign(), 1)
  t.equal((await ticketOf(desk, id)).assignedTo, agents.find((each) => each.id !== former)!.id)
})

t.test('who was given the ticket after the breach keeps it; a waiting one goes on waiting', async (t) => {
  const desk = await createCoreDesk(t)
  await set(desk, { firstResponseSeconds: 9_000, resolutionSeconds: 60, breachReassign: true })
  const [first, second] = await desk.agents(2)
  const given = await desk.ticket(await desk.person('Normal User'))
  const waiting = await desk.ticket(await desk.person('Normal User'))
  await desk.core.tickets.update(first!, given, { assigned_to: first!.id })
  desk.clock.advance(60_000)
  t.match(await desk.sweep(), { breached: 2 })
  desk.clock.advance(1)
  await desk.core.tickets.update(first!, given, { assigned_to: second!.id })
  t.strictSame(await actOnBreaches(desk), Array(2).fill({ escalated: false, reassigned: false }))
  t.equal((await ticketOf(desk, given)).assignedTo, second!.id)
  t.strictSame(await eventsOf(desk, waiting, 'unassigned'), [])
})

for (const status of ['Resolved', 'Closed', 'deleted']) {
  t.test(
    `nothing is done about a ticket that is ${status} by the change that settles its clock`,
    async (t) => {
      const desk = await createCoreDesk(t)
      await set(desk, { resolutionSeconds: 60, breachReassign: true, breachEscalate: true })
      const admin = await desk.person('System Admin')
      const [agent] = await desk.agents(1)
      const id = await desk.ticket(await desk.person('Normal User'))
      await desk.assign()
      desk.clock.advance(90_000)
      if (status === 'deleted') await desk.core.tickets.remove(admin, id, undefined)
      else await desk.core.tickets.update(agent!, id, { status })
      t.match(await clockLog(desk, id, 'resolution'), ['start', 'breach', 'stop'])
      t.strictSame(await actOnBreaches(desk), [{ escalated: false, reassigned: false }])
      t.match(await ticketOf(desk, id), { escalationLevel: 0 })
      t.strictSame(await eventsOf(desk, id, 'unassigned'), [])
      t.strictSame(await brokenPromises(desk.db), [])
    },
  )
}

t.test('a change that settles a clock and goes on owes the same', async (t) => {
  const desk = await createCoreDesk(t)
  await set(desk, {
    firstResponseSeconds: 60,
    resolutionSeconds: 9_000,
    breachReassign: true,
    breachEscalate: true,
  })
  const [agent] = await desk.agents(2)
  const id = await desk.ticket(await desk.person('Normal User'))
  await desk.core.tickets.update(agent!, id, { assigned_to: agent!.id })
  desk.clock.advance(90_000)
  await desk.core.messages.post(agent!, { ticketId: id, body: 'Sorry, I am late' })
  t.strictSame(await actOnBreaches(desk), [{ escalated: true, reassigned: true }])
  t.match(await ticketOf(desk, id), { assignedTo: null, passedOver: agent!.id, escalationLevel: 1 })
  t.strictSame(await brokenPromises(desk.db), [])
})

t.test('without such a policy nothing is owed', async (t) => {
  const desk = await createCoreDesk(t)
  await set(desk, { resolutionSeconds: 60 })
  await desk.ticket(await desk.person('Normal User'))
  desk.clock.advance(60_000)
  await desk.sweep()
  t.equal(await owed(desk, 'sla.act'), 0)
})
