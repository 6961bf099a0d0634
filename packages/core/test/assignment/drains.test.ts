import { agents as agentRows, settings, teams } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { type CoreDesk, createCoreDesk } from '../helpers/desk.ts'
import { brokenPromises } from '../helpers/load.ts'

const desk = await createCoreDesk(t)
const admin = await desk.person('System Admin')
const requester = await desk.person('Normal User')
const [agent] = await desk.agents(1, { maxTickets: 1 })
const [team] = await desk.db.insert(teams).values({ name: 'Network' }).returning()
const setAgent = (values: Partial<typeof agentRows.$inferInsert>) =>
  desk.db.update(agentRows).set(values).where(eq(agentRows.userId, agent!.id))
const configure = (changes: Parameters<CoreDesk['core']['assignmentSettings']['update']>[1]) =>
  desk.core.assignmentSettings.update(admin, changes)
const change = (changes: Parameters<CoreDesk['core']['users']['update']>[1], id = agent!.id) =>
  desk.core.users.update(id, changes)

/** Leaves nothing open, the agent idle with room for one ticket. */
async function clear(): Promise<void> {
  const { tickets } = await desk.core.tickets.list(admin, {
    status: ['New', 'Open', 'Pending'],
    per_page: 100,
  })
  for (const { id } of tickets) await desk.core.tickets.remove(admin, id, undefined)
}

/** The change owes one drain, by which the ticket that waits is assigned without the schedule. */
async function drains(t: Test, waiting: number, act: () => Promise<unknown>, to = agent!.id): Promise<void> {
  t.equal(await desk.assign(), 0, 'it waits')
  desk.dispatched.length = 0
  await act()
  t.equal(desk.dispatched.filter((row) => row.name === 'assignment.drain').length, 1, 'one drain is owed')
  await desk.assign()
  t.equal((await desk.core.tickets.get(admin, waiting)).assigned_to, to, 'it is assigned')
  t.strictSame(await brokenPromises(desk.db), [])
}

t.afterEach(clear)

const ends: [string, (id: number) => Promise<unknown>][] = [
  ['resolved', (id) => desk.core.tickets.setStatus(admin, id, { status: 'Resolved' })],
  ['closed', (id) => desk.core.tickets.setStatus(admin, id, { status: 'Closed' })],
  ['deleted', (id) => desk.core.tickets.remove(admin, id, undefined)],
]
for (const [what, end] of ends) {
  t.test(`a ticket is ${what}`, async (t) => {
    const held = await desk.ticket(requester)
    await desk.assign()
    await drains(t, await desk.ticket(requester), () => end(held))
  })
}

t.test('a ticket is paused, where that frees capacity', async (t) => {
  await configure({ pending_frees_capacity: true })
  const held = await desk.ticket(requester)
  await desk.assign()
  await drains(t, await desk.ticket(requester), () =>
    desk.core.tickets.setStatus(admin, held, { status: 'Pending' }),
  )
})

t.test('paused tickets count no more', async (t) => {
  await configure({ pending_frees_capacity: false })
  const held = await desk.ticket(requester)
  await desk.assign()
  await desk.core.tickets.setStatus(admin, held, { status: 'Pending' })
  await drains(t, await desk.ticket(requester), () => configure({ pending_frees_capacity: true }))
  await configure({ pending_frees_capacity: false })
})

t.test('a ticket is unassigned, and the next one gets its place', async (t) => {
  const held = await desk.ticket(requester)
  await desk.assign()
  const urgent = await desk.ticket(requester, { priority: 'Critical' })
  await drains(t, urgent, () => desk.core.assignment.assign(admin, held, null))
})

const returns: [string, Partial<typeof agentRows.$inferInsert>, Parameters<typeof change>[0]][] = [
  ['an agent is available again', { isAvailable: false }, { is_available: true }],
  ['an agent comes back early', { outOfOfficeFrom: new Date(0) }, { out_of_office: null }],
  ['a cap is raised', { maxTickets: 0 }, { max_tickets: 1 }],
]
for (const [what, before, changes] of returns) {
  t.test(what, async (t) => {
    await setAgent(before)
    await drains(t, await desk.ticket(requester), () => change(changes))
  })
}

t.test('an agent joins the team that a ticket waits for, or learns something', async (t) => {
  const id = await desk.ticket(requester)
  await desk.core.tickets.update(admin, id, { team: 'Network' })
  await drains(t, id, () => change({ team: 'Network' }))
  t.equal((await desk.db.select().from(agentRows))[0]?.teamId, team!.id)
  desk.dispatched.length = 0
  await change({ skills: [{ category: 'Network', level: 3 }] })
  t.same(
    desk.dispatched.map((row) => row.name),
    ['assignment.drain'],
  )
})

t.test('an agent is activated again, or gets back an agent’s role', async (t) => {
  await change({ is_active: false })
  await drains(t, await desk.ticket(requester), () => change({ is_active: true }))
  await clear()
  await change({ role: 'Normal User' })
  await drains(t, await desk.ticket(requester), () => change({ role: 'Technical User' }))
})

t.test('who leaves gives back to whoever stays, with one drain', async (t) => {
  const [leaver] = await desk.agents(1, { maxTickets: 1 })
  const id = await desk.ticket(requester)
  await desk.core.assignment.assign(admin, id, leaver!.id)
  await drains(t, id, () => change({ is_active: false }, leaver!.id))
})

t.test('an agent is added, and supervisors are included', async (t) => {
  await setAgent({ isAvailable: false })
  const waiting = await desk.ticket(requester)
  t.equal(await desk.assign(), 0)
  desk.dispatched.length = 0
  const account = {
    name: 'New Agent',
    email: 'new@test.example',
    role: 'agent',
    password: 'a long enough one',
  }
  const added = (await (await desk.core.users.prepare(account))()).id
  t.same(
    desk.dispatched.map((row) => row.name),
    ['assignment.drain'],
  )
  await desk.assign()
  t.equal((await desk.core.tickets.get(admin, waiting)).assigned_to, added)
  await change({ is_active: false }, added)
  await clear()

  const supervisor = await desk.person('Technical Supervisor')
  await configure({ include_supervisors: false })
  await drains(t, await desk.ticket(requester), () => configure({ include_supervisors: true }), supervisor.id)
  await change({ is_available: false }, supervisor.id)
  await setAgent({ isAvailable: true })
})

t.test('what frees nothing owes nothing', async (t) => {
  const id = await desk.ticket(requester)
  await desk.assign()
  desk.dispatched.length = 0
  await desk.core.users.updateSelf(agent!, { name: 'Another Name' })
  await change({ email: 'other@test.example' })
  await desk.core.tickets.setStatus(admin, id, { status: 'Pending' })
  await desk.core.tickets.setStatus(admin, id, { status: 'Open' })
  await configure({ strategy: 'score' })
  t.same(
    desk.dispatched.filter((row) => row.queue === 'assignment').map((row) => row.name),
    [],
  )
  const [row] = await desk.db.select().from(settings).where(eq(settings.key, 'assignment'))
  t.match(row?.value, { strategy: 'score' })
})

t.test('an out of office that ends needs the schedule only', async (t) => {
  const to = new Date(desk.clock.now().getTime() + 60_000).toISOString()
  await change({ out_of_office: { from: desk.clock.now().toISOString(), to } })
  const id = await desk.ticket(requester)
  t.equal(await desk.assign(), 0)
  desk.clock.advance(60_000)
  t.equal(await desk.assign(), 1)
  t.equal((await desk.core.tickets.get(admin, id)).assigned_to, agent!.id)
})
