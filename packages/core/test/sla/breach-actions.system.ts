import { actOnBreach, recomputeBatch } from '@servicedesk/core'
import { outbox, slaClocks, slaPolicies, ticketEvents, tickets } from '@servicedesk/db'
import { eq, gt, isNotNull, sql } from 'drizzle-orm'
import t from 'tap'
import { actOnBreaches } from '../helpers/clocks.ts'
import { createCoreDesk } from '../helpers/desk.ts'
import { draws } from '../helpers/draws.ts'
import { brokenPromises } from '../helpers/load.ts'

const EXPECTED = new Set([
  'agent_over_capacity',
  'transition_not_allowed',
  'ticket_not_active',
  'ticket_deleted',
  // To a requester a deleted ticket is none.
  'not_found',
  // Given to an agent who has just left.
  'validation_failed',
])

t.test('sweeps that escalate and reassign, and every change of the same tickets, all at once', async (t) => {
  const desk = await createCoreDesk(t, 24)
  await desk.db.update(slaPolicies).set({
    firstResponseSeconds: 40,
    resolutionSeconds: 90,
    breachEscalate: sql`id % 2 = 0`,
    breachReassign: true,
  })
  const admin = await desk.person('System Admin')
  await desk.person('Technical Supervisor', { isAvailable: false })
  const agents = await desk.agents(5, { maxTickets: 20 })
  const requester = await desk.person('Normal User')
  const priorities = ['Low', 'Medium', 'High', 'Critical']
  const ids: number[] = []
  for (let n = 0; n < 60; n += 1) ids.push(await desk.ticket(requester, { priority: priorities[n % 4]! }))
  const statuses = ['Open', 'In Progress', 'Pending', 'Resolved', 'Closed']
  const surprises: unknown[] = []

  /** What a worker does: takes one owed job, and marks it done with its effect. */
  const actOnce = () =>
    desk.db.transaction(async (tx) => {
      const [job] = await tx.execute<{ id: string; payload: { clock_id: number } }>(sql`
        SELECT id, payload FROM outbox WHERE name = 'sla.act' AND done_at IS NULL LIMIT 1 FOR UPDATE SKIP LOCKED`)
      if (job === undefined) return
      await actOnBreach(tx, await desk.configuration(), job.payload.clock_id, desk.clock.now())
      await tx.update(outbox).set({ doneAt: new Date() }).where(eq(outbox.id, job.id))
    })
  const recompute = async () => {
    const current = await desk.configuration()
    await desk.db.transaction((tx) => recomputeBatch(tx, current, 0, desk.clock.now()))
  }

  async function actor(seed: number): Promise<void> {
    const draw = draws(seed)
    for (let turn = 0; turn < 30; turn += 1) {
      const id = ids[draw(ids.length)]!
      const agent = agents[draw(agents.length)]!
      desk.clock.advance(draw(1_000))
      const moves: (() => Promise<unknown>)[] = [
        () => desk.assign(9),
        () => desk.sweep(12),
        () => desk.sweep(3),
        actOnce,
        actOnce,
        recompute,
        () => desk.core.tickets.escalate(admin, id, { reason: 'It burns' }),
        () => desk.core.tickets.update(admin, id, { status: statuses[draw(5)]! }),
        () => desk.core.tickets.update(admin, id, { assigned_to: draw(3) === 0 ? null : agent.id }),
        () => desk.core.tickets.update(admin, id, { priority: priorities[draw(4)]!, assigned_to: agent.id }),
        () => desk.core.messages.post(draw(2) === 0 ? admin : requester, { ticketId: id, body: 'Hello' }),
        () => desk.core.users.update(agent.id, { is_active: draw(2) === 0, is_available: draw(3) > 0 }),
        () => (draw(8) === 0 ? desk.core.tickets.remove(admin, id, undefined) : Promise.resolve()),
      ]
      await moves[draw(moves.length)]!().catch((error: { code?: string }) => {
        if (!EXPECTED.has(error.code ?? '')) surprises.push(error)
      })
    }
  }
  await Promise.all(Array.from({ length: 20 }, (_, n) => actor(n * 6_271 + 3)))
  t.strictSame(surprises, [])
  t.strictSame(await brokenPromises(desk.db), [])

  desk.clock.advance(200_000)
  while ((await desk.sweep()).more);
  await actOnBreaches(desk)
  t.strictSame(await brokenPromises(desk.db), [])
  const breached = await desk.db.$count(slaClocks, isNotNull(slaClocks.breachedAt))
  t.ok(breached > 40, `${breached} breaches`)
  t.equal(await desk.db.$count(outbox, eq(outbox.name, 'sla.act')), breached, 'acted on once each')
  t.equal(await desk.db.$count(ticketEvents, eq(ticketEvents.type, 'sla_breach')), breached)
  t.ok((await desk.db.$count(tickets, gt(tickets.escalationLevel, 0))) > 0)
  const [levels] = await desk.db.execute<{ sum: number }>(
    sql`SELECT sum(escalation_level)::int AS sum FROM tickets`,
  )
  t.equal(await desk.db.$count(ticketEvents, eq(ticketEvents.type, 'escalated')), levels!.sum)
})
