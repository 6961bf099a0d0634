import { assignments, ticketEvents } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

t.test(
  'a ticket is never assigned before it was created, even by a worker whose clock is late',
  async (t) => {
    const desk = await createCoreDesk(t)
    await desk.agents(1)
    const requester = await desk.person('Normal User')
    desk.clock.advance(60_000)
    const id = await desk.ticket(requester)
    const { created_at } = await desk.core.tickets.get(requester, id)
    desk.clock.advance(-5_000)
    await desk.assign()

    const [assigned] = await desk.db.select().from(assignments).where(eq(assignments.ticketId, id))
    t.equal(assigned?.assignedAt.toISOString(), created_at)
    const events = await desk.db.select().from(ticketEvents).where(eq(ticketEvents.ticketId, id))
    t.ok(events.length >= 3)
    for (const event of events) t.ok(event.createdAt >= new Date(created_at), event.type)
  },
)
