import { agents as agentRows, alerts, emailDeliveries, tickets } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'
import { brokenPromises, loads } from '../helpers/load.ts'

t.test('given by hand: New becomes Open, the new agent is told, the cap holds', async (t) => {
  const desk = await createCoreDesk(t)
  const [first, second] = await desk.agents(2, { maxTickets: 1 })
  const requester = await desk.person('Normal User')
  const id = await desk.ticket(requester)
  const given = await desk.core.tickets.update(first!, id, { assigned_to: second!.id })
  t.match(given, { status: 'Open', assigned_to: second!.id, assigned_agent_name: second!.name })
  t.match(await desk.core.alerts.list(second!, 'me', { limit: 5, unreadOnly: false }), [
    { alert_type: 'assignment', ticket_id: `TKT-${id}` },
  ])
  const due_at = given.sla.resolution?.due_at
  t.type(due_at, 'string')
  t.match(await desk.db.select().from(emailDeliveries), [
    {
      template: 'assignment',
      userId: second!.id,
      params: { due_at, actor: first!.name },
    },
  ])

  const other = await desk.ticket(requester)
  await t.rejects(desk.core.tickets.update(first!, other, { assigned_to: second!.id }), {
    kind: 'conflict',
    code: 'agent_over_capacity',
  })
  await t.rejects(desk.core.tickets.update(first!, other, { assigned_to: requester.id }), {
    name: 'DomainError',
    kind: 'invalid',
  })
  await t.rejects(desk.core.tickets.update(requester, other, { assigned_to: first!.id }), {
    name: 'DomainError',
    kind: 'forbidden',
  })
  t.match(await desk.core.tickets.get(first!, other), { status: 'New', assigned_to: null, version: 1 })
  t.strictSame(await brokenPromises(desk.db), [])
})

t.test('taking it oneself is told to nobody', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent] = await desk.agents(1)
  const id = await desk.ticket(await desk.person('Normal User'))
  await desk.core.tickets.update(agent!, id, { assigned_to: agent!.id })
  t.equal(await desk.db.$count(alerts), 0)
  t.equal(await desk.db.$count(emailDeliveries), 0)
})

t.test(
  'the whole ticket sent back with another agent and the status it had is no change of status',
  async (t) => {
    const desk = await createCoreDesk(t)
    const [agent] = await desk.agents(1)
    const id = await desk.ticket(await desk.person('Normal User'))
    const seen = await desk.core.tickets.get(agent!, id)
    const { title, description, status, priority, category } = seen
    const whole = { title, description, status, priority, category, assigned_to: agent!.id }
    t.match(await desk.core.tickets.update(agent!, id, whole), { status: 'Open', assigned_to: agent!.id })
    const both = await desk.ticket(await desk.person('Normal User'))
    t.match(await desk.core.tickets.update(agent!, both, { ...whole, status: 'in_progress' }), {
      status: 'In Progress',
    })
  },
)

t.test('two who give the same ticket away at once, and many who fill one agent', async (t) => {
  const desk = await createCoreDesk(t, 20)
  const [giver, target, other] = await desk.agents(3, { maxTickets: 3 })
  const requester = await desk.person('Normal User')
  const ids: number[] = []
  for (let n = 0; n < 10; n += 1) ids.push(await desk.ticket(requester))
  const outcomes = await Promise.allSettled(
    ids.flatMap((id) => [
      desk.core.tickets.update(giver!, id, { assigned_to: target!.id }),
      desk.core.tickets.update(giver!, id, { assigned_to: other!.id }),
    ]),
  )
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') t.match(outcome.reason, { code: 'agent_over_capacity' })
  }
  t.strictSame(await brokenPromises(desk.db), [])
  t.equal(
    (await loads(desk.db)).reduce((sum, load) => sum + load.counter, 0),
    6,
  )
})

t.test('an unassigned ticket goes to another once, then to anybody', async (t) => {
  const desk = await createCoreDesk(t)
  const [idle, busy] = await desk.agents(2)
  const requester = await desk.person('Normal User')
  for (let n = 0; n < 2; n += 1) {
    await desk.core.tickets.update(busy!, await desk.ticket(requester), { assigned_to: busy!.id })
  }
  const id = await desk.ticket(requester)
  await desk.assign()
  t.equal((await desk.core.tickets.get(busy!, id)).assigned_to, idle!.id)

  desk.dispatched.length = 0
  t.match(await desk.core.tickets.update(idle!, id, { assigned_to: null }), {
    assigned_to: null,
    status: 'Open',
  })
  t.ok(desk.dispatched.some((row) => row.name === 'assignment.drain'))
  await desk.assign()
  t.equal((await desk.core.tickets.get(busy!, id)).assigned_to, busy!.id, 'the idle one is passed over')
  await desk.core.tickets.update(idle!, id, { assigned_to: null })
  await desk.assign()
  t.equal((await desk.core.tickets.get(busy!, id)).assigned_to, idle!.id, 'only the latest is passed over')

  await desk.db.update(agentRows).set({ isAvailable: false }).where(eq(agentRows.userId, busy!.id))
  await desk.core.tickets.update(idle!, id, { assigned_to: null })
  await desk.assign()
  const [row] = await desk.db.select().from(tickets).where(eq(tickets.id, id))
  t.match(row, { assignedTo: idle!.id, passedOver: null }, 'unless nobody else can take it')
  t.strictSame(await brokenPromises(desk.db), [])
})
