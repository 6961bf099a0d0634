import { recomputeBatch } from '@servicedesk/core'
import { outbox, slaPolicies } from '@servicedesk/db'
import { eq, inArray } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'
import { draws } from '../helpers/draws.ts'
import { brokenPromises } from '../helpers/load.ts'

const EXPECTED = new Set([
  'agent_over_capacity',
  'transition_not_allowed',
  'ticket_not_active',
  // Given to an agent who has just left.
  'validation_failed',
])

t.test('assignment, changes, messages, sweeps and people who leave, all at once', async (t) => {
  const desk = await createCoreDesk(t, 24)
  await desk.db.update(slaPolicies).set({ firstResponseSeconds: 60, resolutionSeconds: 90 })
  const admin = await desk.person('System Admin')
  await desk.person('Technical Supervisor', { isAvailable: false })
  const agents = await desk.agents(5, { maxTickets: 12 })
  const requester = await desk.person('Normal User')
  const ids: number[] = []
  for (let n = 0; n < 40; n += 1) ids.push(await desk.ticket(requester))
  const statuses = ['Open', 'In Progress', 'Pending', 'Resolved', 'Closed']
  const surprises: unknown[] = []

  async function actor(seed: number): Promise<void> {
    const draw = draws(seed)
    for (let turn = 0; turn < 25; turn += 1) {
      const id = ids[draw(ids.length)]!
      const agent = agents[draw(agents.length)]!
      desk.clock.advance(draw(2_000))
      const moves: (() => Promise<unknown>)[] = [
        () => desk.assign(7),
        () => desk.sweep(5),
        async () => {
          await desk.db
            .update(slaPolicies)
            .set({ resolutionSeconds: 80 + draw(20), changedAt: desk.clock.now() })
            .where(eq(slaPolicies.name, 'Medium'))
          const configuration = await desk.configuration()
          await desk.db.transaction((tx) => recomputeBatch(tx, configuration, 0, desk.clock.now()))
        },
        () => desk.core.tickets.update(admin, id, { status: statuses[draw(5)]! }),
        () => desk.core.tickets.update(admin, id, { status: statuses[draw(5)]! }),
        () => desk.core.tickets.update(admin, id, { assigned_to: draw(3) === 0 ? null : agent.id }),
        () => desk.core.tickets.update(admin, id, { priority: draw(2) === 0 ? 'Low' : 'Critical' }),
        () => desk.core.messages.post(draw(2) === 0 ? admin : requester, { ticketId: id, body: 'Hello' }),
        () => desk.core.users.update(agent.id, { is_active: draw(2) === 0, is_available: draw(3) > 0 }),
      ]
      await moves[draw(moves.length)]!().catch((error: { code?: string }) => {
        if (!EXPECTED.has(error.code ?? '')) surprises.push(error)
      })
    }
  }
  await Promise.all(Array.from({ length: 20 }, (_, n) => actor(n * 7_919 + 1)))
  t.strictSame(surprises, [])
  t.strictSame(await brokenPromises(desk.db), [])

  await Promise.all(
    agents.map(({ id }) => desk.core.users.update(id, { is_active: true, is_available: true })),
  )
  while ((await desk.assign()) > 0);
  t.strictSame(await brokenPromises(desk.db), [])
  t.ok((await desk.db.$count(outbox, inArray(outbox.name, ['assignment.drain']))) > 0)
})
