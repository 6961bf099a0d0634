import { tickets } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'
import { waitingForLocks } from '../helpers/locks.ts'

t.test('a change that waited for a change of status sees the ticket as it is then', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent] = await desk.agents(1)
  const requester = await desk.person('Normal User')
  const ids = await Promise.all(Array.from({ length: 8 }, () => desk.ticket(requester)))
  for (const id of ids) {
    const work: Promise<unknown>[] = []
    await desk.db.transaction(async (tx) => {
      // Holds the row while the others queue for it, then changes what their statements have read.
      await tx.select().from(tickets).where(eq(tickets.id, id)).for('update')
      work.push(
        desk.core.messages.post(requester, { ticketId: id, body: 'Any news?' }),
        desk.core.tickets.update(agent!, id, { priority: 'High' }),
      )
      await waitingForLocks(desk.db, 2)
      const [open] = await tx.query.statuses.findMany({ where: (s, { eq }) => eq(s.name, 'In Progress') })
      await tx.update(tickets).set({ statusId: open!.id, statusClass: 'open' }).where(eq(tickets.id, id))
    })
    await Promise.all(work)
    t.match(await desk.core.tickets.get(agent!, id), { status: 'In Progress', priority: 'High' })
  }
})
