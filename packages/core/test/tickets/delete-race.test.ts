import { DomainError } from '@servicedesk/core'
import { slaClocks, ticketEvents } from '@servicedesk/db'
import { asc, eq } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'
import { brokenPromises, loads } from '../helpers/load.ts'

t.test(
  'deleted in the middle of everything: what comes later is refused, and nobody carries it on',
  async (t) => {
    const desk = await createCoreDesk(t, 20)
    const admin = await desk.person('System Admin')
    const [agent] = await desk.agents(2)
    const owner = await desk.person('Normal User')
    const { tickets, messages, watchers } = desk.core
    const ids: number[] = []
    for (let n = 0; n < 6; n += 1) ids.push(await desk.ticket(owner))
    await desk.assign(3)
    const outcomes = await Promise.allSettled(
      ids.flatMap((id) => [
        messages.post(owner, { ticketId: id, body: 'Any news?' }),
        tickets.setStatus(agent!, id, { status: 'Resolved', comment: 'Done.' }),
        tickets.remove(admin, id, undefined),
        tickets.update(admin, id, { assigned_to: agent!.id }),
        tickets.setPriority(agent!, id, { priority: 'High' }),
        watchers.add(agent!, id, agent!.id),
        desk.assign(),
      ]),
    )
    const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
    for (const reason of refused) {
      t.type(reason, DomainError)
      t.ok(['ticket_deleted', 'not_found', 'ticket_not_active'].includes(reason.code), reason.code)
    }
    for (const id of ids) {
      const log = await desk.db
        .select()
        .from(ticketEvents)
        .where(eq(ticketEvents.ticketId, id))
        .orderBy(asc(ticketEvents.seq))
      t.equal(log.at(-1)?.type, 'ticket_deleted')
      for (const clock of await desk.db.select().from(slaClocks).where(eq(slaClocks.ticketId, id)))
        t.match(clock, { state: 'stopped', breachedAt: null })
      await t.rejects(tickets.update(admin, id, { title: 'Too late' }), { code: 'ticket_deleted' })
    }
    t.strictSame(await brokenPromises(desk.db), [])
    t.ok((await loads(desk.db)).every((load) => load.counter === 0))
  },
)
