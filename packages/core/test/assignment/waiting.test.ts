import {
  agents as agentRows,
  alerts,
  categories,
  emailDeliveries,
  teams,
  tickets,
  users,
} from '@servicedesk/db'
import { and, eq } from 'drizzle-orm'
import t from 'tap'
import { type CoreDesk, createCoreDesk } from '../helpers/desk.ts'
import { brokenPromises } from '../helpers/load.ts'

async function ticketRow(desk: CoreDesk, id: number) {
  const [row] = await desk.db.select().from(tickets).where(eq(tickets.id, id))
  return row!
}

const escalations = (desk: CoreDesk, userId: number) =>
  desk.db.$count(alerts, and(eq(alerts.userId, userId), eq(alerts.alertType, 'escalation')))

t.test(
  'nobody is free: a reason, one alert and one mail a supervisor, and assigned once somebody is',
  async (t) => {
    const desk = await createCoreDesk(t)
    const [agent] = await desk.agents(1, { maxTickets: 1 })
    const supervisors = [
      await desk.person('Technical Supervisor', { isAvailable: false }),
      await desk.person('Technical Supervisor', { isAvailable: false }),
    ]
    const requester = await desk.person('Normal User')
    const first = await desk.ticket(requester)
    const second = await desk.ticket(requester)
    await desk.assign()
    for (let turn = 0; turn < 3; turn += 1) await desk.assign()
    t.match(await ticketRow(desk, second), {
      assignedTo: null,
      waitingReason: 'No agent is available with capacity left',
    })
    for (const each of supervisors) t.equal(await escalations(desk, each.id), 1)
    t.equal(await desk.db.$count(emailDeliveries, eq(emailDeliveries.template, 'waiting')), 2)

    await desk.core.tickets.update(agent!, second, { status: 'In Progress' })
    await desk.assign()
    for (const each of supervisors)
      t.equal(await escalations(desk, each.id), 1, 'a new status is no new alert')
    await desk.core.tickets.update(agent!, second, { priority: 'High' })
    await desk.assign()
    for (const each of supervisors) t.equal(await escalations(desk, each.id), 1, 'nor is a new priority')

    desk.dispatched.length = 0
    await desk.core.tickets.update(agent!, first, { status: 'Resolved' })
    t.ok(
      desk.dispatched.some((row) => row.name === 'assignment.drain'),
      'freed capacity owes a drain',
    )
    t.equal(await desk.assign(), 1)
    t.match(await ticketRow(desk, second), { assignedTo: agent!.id, waitingReason: null })
    t.strictSame(await brokenPromises(desk.db), [])
  },
)

t.test('who is away, unavailable, inactive or no agent gets nothing', async (t) => {
  const desk = await createCoreDesk(t)
  const [away, back, later, unavailable, inactive, full] = await desk.agents(6)
  const now = desk.clock.now().getTime()
  const set = (id: number, values: Partial<typeof agentRows.$inferInsert>) =>
    desk.db.update(agentRows).set(values).where(eq(agentRows.userId, id))
  await set(away!.id, { outOfOfficeFrom: new Date(now - 1_000) })
  await set(back!.id, { outOfOfficeFrom: new Date(now - 9_000), outOfOfficeTo: new Date(now) })
  await set(later!.id, { outOfOfficeFrom: new Date(now + 1), isAvailable: false })
  await set(unavailable!.id, { isAvailable: false })
  await set(full!.id, { maxTickets: 0 })
  await desk.db.update(users).set({ isActive: false }).where(eq(users.id, inactive!.id))
  await desk.person('System Admin')
  const requester = await desk.person('Normal User')
  const ids = [await desk.ticket(requester), await desk.ticket(requester)]
  await desk.assign()
  for (const id of ids) t.equal((await ticketRow(desk, id)).assignedTo, back!.id)
})

t.test('a ticket of a team waits for the team, while others go on', async (t) => {
  const desk = await createCoreDesk(t)
  const [network, empty] = await desk.db
    .insert(teams)
    .values([{ name: 'Network' }, { name: 'Empty' }])
    .returning()
  await desk.db.update(categories).set({ teamId: network!.id }).where(eq(categories.name, 'Network'))
  await desk.db.update(categories).set({ teamId: empty!.id }).where(eq(categories.name, 'Access'))
  const [stranger] = await desk.agents(1)
  const [member] = await desk.agents(1, { teamId: network!.id })
  const supervisor = await desk.person('Technical Supervisor', { isAvailable: false })
  const requester = await desk.person('Normal User')
  const forNobody = await desk.ticket(requester, { category: 'Access', priority: 'Critical' })
  const forTeam = await desk.ticket(requester, { category: 'Network' })
  const forAll = await desk.ticket(requester)
  await desk.assign()
  t.equal((await ticketRow(desk, forTeam)).assignedTo, member!.id)
  t.equal((await ticketRow(desk, forAll)).assignedTo, stranger!.id)
  t.match(await ticketRow(desk, forNobody), {
    assignedTo: null,
    waitingReason: 'No agent of team Empty is available with capacity left',
  })
  t.equal(await escalations(desk, supervisor.id), 1)

  desk.dispatched.length = 0
  await desk.core.tickets.update(supervisor, forNobody, { team: 'Network' })
  t.ok(
    desk.dispatched.some((row) => row.name === 'ticket.assign'),
    'another team is asked at once',
  )
  await desk.assign()
  t.equal((await ticketRow(desk, forNobody)).assignedTo, member!.id)
})

t.test('many that only a full team could take do not hold up the rest', async (t) => {
  const desk = await createCoreDesk(t)
  const [team] = await desk.db.insert(teams).values({ name: 'Network' }).returning()
  await desk.db.update(categories).set({ teamId: team!.id }).where(eq(categories.name, 'Network'))
  await desk.agents(1, { teamId: team!.id, maxTickets: 1 })
  const [other] = await desk.agents(1, { maxTickets: 100 })
  const requester = await desk.person('Normal User')
  for (let n = 0; n < 12; n += 1) await desk.ticket(requester, { category: 'Network', priority: 'Critical' })
  const plain = await desk.ticket(requester, { priority: 'Low' })
  for (let turn = 0; turn < 4; turn += 1) await desk.assign(5)
  t.equal((await ticketRow(desk, plain)).assignedTo, other!.id)
})
