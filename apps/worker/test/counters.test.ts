import { createConfigurationCache, systemClock } from '@servicedesk/core'
import { agents, tickets } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { handlers } from '@servicedesk/worker'
import { eq } from 'drizzle-orm'
import t from 'tap'

const desk = await createTestDesk(t)
const agent = await desk.person('Technical User', { maxTickets: 3 })
const requester = await desk.person('Normal User')
const handle = handlers['assignment.drain']
const report = { title: 'Screen stays black', description: 'Since this morning the screen stays black.' }

/** Runs the handler as a worker does, and answers what it warned of. */
async function drain(outboxId: string | null): Promise<[object, string][]> {
  const warned: [object, string][] = []
  const ignore = () => undefined
  await handle(
    {
      name: 'assignment.drain',
      payload: {},
      outboxId,
      attempt: 1,
      isLastAttempt: true,
      stalls: 0,
      db: desk.db,
      dispatch: ignore,
      log: {
        debug: ignore,
        info: ignore,
        error: ignore,
        warn: (data, message) => void warned.push([data, message]),
      },
    },
    { clock: systemClock, configuration: createConfigurationCache(desk.db, systemClock) } as Parameters<
      typeof handle
    >[1],
  )
  return warned
}

t.test(
  'the scheduled drain mends a counter that is wrong, says so, and uses the room that it finds',
  async (t) => {
    await desk.core.tickets.create(requester, report)
    t.same(await drain(null), [], 'nothing is wrong')
    await desk.db.update(agents).set({ activeTickets: 3 }).where(eq(agents.userId, agent.id))
    await desk.core.tickets.create(requester, report)
    const [owed] = (await desk.owed()).slice(-1)

    t.same(await drain(owed!.id), [], 'an owed one only assigns')
    t.equal(await desk.db.$count(tickets, eq(tickets.assignedTo, agent.id)), 1)
    t.match(await drain(null), [
      [{ agent_id: agent.id, was: 3, is: 1 }, /counter of active tickets was wrong/],
    ])
    t.equal(await desk.db.$count(tickets, eq(tickets.assignedTo, agent.id)), 2)
    const [row] = await desk.db.select().from(agents).where(eq(agents.userId, agent.id))
    t.equal(row?.activeTickets, 2)
    t.same(await drain(null), [])
  },
)
