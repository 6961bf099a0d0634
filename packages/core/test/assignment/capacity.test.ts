import { agents as agentRows, tickets, users } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'
import { brokenPromises, loads } from '../helpers/load.ts'

t.test('a reopened ticket returns to its agent, or to the queue when they cannot take it', async (t) => {
  const desk = await createCoreDesk(t)
  const [former, other] = await desk.agents(2, { maxTickets: 1 })
  const requester = await desk.person('Normal User')
  const id = await desk.ticket(requester)
  await desk.core.tickets.update(former!, id, { assigned_to: former!.id })
  const [load] = await loads(desk.db)
  t.match(load, { id: former!.id, counter: 1 })

  await desk.core.tickets.update(former!, id, { status: 'Resolved' })
  t.match((await loads(desk.db))[0], { counter: 0 })
  t.match(await desk.core.tickets.update(requester, id, { status: 'Open' }), { assigned_to: former!.id })
  t.match((await loads(desk.db))[0], { counter: 1 })

  await desk.core.tickets.update(former!, id, { status: 'Closed' })
  await desk.core.tickets.update(former!, await desk.ticket(requester), { assigned_to: former!.id })
  desk.dispatched.length = 0
  t.match(await desk.core.tickets.update(requester, id, { status: 'Open' }), { assigned_to: null })
  t.ok(desk.dispatched.some((row) => row.name === 'ticket.assign'))
  await desk.assign()
  t.equal((await desk.core.tickets.get(other!, id)).assigned_to, other!.id)
  t.strictSame(await brokenPromises(desk.db), [])
})

t.test(
  'moving between Resolved and Closed, and within the active classes, counts nothing twice',
  async (t) => {
    const desk = await createCoreDesk(t)
    const [agent] = await desk.agents(1)
    const id = await desk.ticket(await desk.person('Normal User'))
    await desk.assign()
    const counters: number[] = []
    for (const status of ['In Progress', 'Pending', 'Open', 'Resolved', 'Closed', 'Open', 'Closed']) {
      await desk.core.tickets.update(agent!, id, { status })
      counters.push((await loads(desk.db))[0]!.counter)
    }
    t.strictSame(counters, [1, 1, 1, 0, 0, 1, 0])
    t.strictSame(await brokenPromises(desk.db), [])
  },
)

t.test('the open tickets of an agent who leaves go back to assignment, the done ones stay', async (t) => {
  const desk = await createCoreDesk(t)
  const admin = await desk.person('System Admin')
  const [leaver] = await desk.agents(1)
  const requester = await desk.person('Normal User')
  const ids = [await desk.ticket(requester), await desk.ticket(requester), await desk.ticket(requester)]
  await desk.assign()
  await desk.core.tickets.update(leaver!, ids[0]!, { status: 'Resolved' })
  const [stayer] = await desk.agents(1)
  desk.dispatched.length = 0
  await desk.core.users.deactivate(admin, leaver!.id)
  t.ok(desk.dispatched.some((row) => row.name === 'assignment.drain'))
  t.equal((await loads(desk.db))[0]?.counter, 0)
  await desk.assign()
  const rows = await desk.db.select().from(tickets).orderBy(tickets.id)
  t.strictSame(
    rows.map((row) => row.assignedTo),
    [leaver!.id, stayer!.id, stayer!.id],
  )
  t.strictSame(await brokenPromises(desk.db), [])

  // Reopened, the done one cannot return to somebody who left.
  await desk.core.tickets.update(requester, ids[0]!, { status: 'Open' })
  await desk.assign()
  t.equal((await desk.core.tickets.get(admin, ids[0]!)).assigned_to, stayer!.id)
  t.strictSame(await brokenPromises(desk.db), [])
})

t.test('an agent who becomes a requester gives back, and one who comes back is asked again', async (t) => {
  const desk = await createCoreDesk(t)
  await desk.person('System Admin')
  const [agent] = await desk.agents(1)
  const requester = await desk.person('Normal User')
  const id = await desk.ticket(requester)
  await desk.assign()
  await desk.core.users.update(agent!.id, { role: 'Normal User' })
  t.equal(await desk.assign(), 0)
  await desk.core.users.update(agent!.id, { role: 'Technical User' })
  t.equal(await desk.assign(), 1)
  await desk.core.users.update(agent!.id, { is_available: false })
  t.equal((await desk.core.tickets.get(agent!, id)).assigned_to, agent!.id, 'being away takes nothing away')
  const [row] = await desk.db.select().from(agentRows).innerJoin(users, eq(users.id, agentRows.userId))
  t.match(row, { agents: { activeTickets: 1, isAvailable: false }, users: { role: 'Technical User' } })
  t.strictSame(await brokenPromises(desk.db), [])
})
