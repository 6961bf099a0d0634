import { categories, teams } from '@servicedesk/db'
import { createTestClock, createTestDesk } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const DAY = 24 * 3_600_000
const clock = createTestClock()
const desk = await createTestDesk(t, { clock })
const requester = await desk.person('Normal User')
const agent = await desk.person('Technical User', { name: 'Ada Byrne' })
const [own, staff] = [sender(desk, requester), sender(desk, agent)]
await desk.db.insert(teams).values({ name: 'Network' })
// The sessions outlive the weeks that pass here.
await desk.db.$client`UPDATE sessions SET expires_at = now() + interval '1 year'`
clock.advance(2_000)
const eventsOf = async (id: number, after = 1) =>
  (await staff('GET', `/tickets/${id}/events?after_seq=${after}`)).json()

t.test('PUT and PATCH change what is sent, record it and answer the ticket', async (t) => {
  for (const method of ['PUT', 'PATCH'] as const) {
    const { id } = await makeTicket(own)
    clock.advance(1_000)
    const changes = {
      title: 'Printer is on fire',
      priority: 'critical',
      category: 'security',
      team: 'network',
    }
    const answer = await staff(method, `/tickets/TKT-${id}`, { ...changes, assigned_to: String(agent.id) })
    t.equal(answer.statusCode, 200)
    const ticket = answer.json()
    t.match(ticket, {
      ...changes,
      priority: 'Critical',
      category: 'Security',
      team: 'Network',
      assigned_to: agent.id,
      assigned_agent_name: 'Ada Byrne',
      status: 'Open',
      description: 'It swallows every second sheet of paper.',
      updated_at: clock.now().toISOString(),
      sla: { resolution: { target_minutes: 240 } },
    })
    t.equal(answer.headers.etag, `"${ticket.version}"`)
    const events = await eventsOf(id)
    t.match(events, [
      { seq: 2, type: 'title_changed', data: { from: 'Printer is jammed', to: changes.title } },
      { seq: 3, type: 'priority_changed', data: { from: 'Medium', to: 'Critical' } },
      { seq: 4, type: 'category_changed', data: { from: 'Other', to: 'Security' } },
      { seq: 5, type: 'team_changed', data: { from: null, to: 'Network' } },
      { seq: 6, type: 'assigned' },
      { seq: 7, type: 'status_changed', data: { from: 'New', to: 'Open' } },
    ])
    t.ok(events.every((event: { actor_id: number }) => event.actor_id === agent.id))
    const cleared = await staff(method, `/tickets/${id}`, { team: null, assigned_to: null })
    t.match(cleared.json(), { team: null, assigned_to: null, status: 'Open' })
  }
})

t.test(
  'what does not change needs no permission and does nothing; read-only members are ignored',
  async (t) => {
    const { id } = await makeTicket(own)
    const whole = (await own('GET', `/tickets/${id}`)).json()
    const before = await contentOf(desk)
    const answer = await own('PUT', `/tickets/${id}`, { ...whole, performed_by: 1, performed_by_name: 'x' })
    t.equal(answer.statusCode, 200)
    t.equal(answer.json().version, whole.version)
    t.equal((await own('PATCH', `/tickets/${id}`, {})).statusCode, 200)
    const forged = {
      id: 1,
      created_by: agent.id,
      version: 99,
      sla: 'none',
      closed_at: null,
      sla_violated: true,
    }
    t.equal((await own('PATCH', `/tickets/${id}`, forged)).statusCode, 200)
    t.same(await contentOf(desk), before)
  },
)

t.test('values that mean nothing are refused whole', async (t) => {
  const { id } = await makeTicket(own)
  const before = await contentOf(desk)
  for (const [member, value, status] of [
    ['title', 'ab', 400],
    ['title', null, 400],
    ['description', 'short', 400],
    ['status', 'Done', 400],
    ['status', null, 400],
    ['priority', 'urgent', 400],
    ['category', 7, 400],
    ['team', 'Nobody', 400],
    ['assigned_to', 'nobody', 400],
    ['assigned_to', 999_999, 400],
    ['assigned_to', requester.id, 400],
    ['no_such', 1, 400],
  ] as const) {
    for (const method of ['PUT', 'PATCH'] as const) {
      const answer = await staff(method, `/tickets/${id}`, { title: 'Another title', [member]: value })
      const { errors } = isProblem(t, answer, status, 'validation_failed', `${member}: ${value}`)
      t.match(errors, [{ path: member }])
    }
  }
  t.same(await contentOf(desk), before, 'not even the title, which was right')
})

t.test('a requester edits own words while New or Open, and nothing else', async (t) => {
  const { id } = await makeTicket(own)
  const text = { title: 'Printer is loud', description: 'It has begun to sing in the night.' }
  t.match((await own('PATCH', `/tickets/${id}`, text)).json(), text)
  for (const change of [
    { priority: 'High' },
    { category: 'Network' },
    { team: 'Network' },
    { assigned_to: agent.id },
    { status: 'In Progress' },
    { status: 'Resolved' },
    { title: 'A good title', priority: 'High' },
  ]) {
    const before = await contentOf(desk)
    isProblem(t, await own('PUT', `/tickets/${id}`, change), 403, 'forbidden', JSON.stringify(change))
    t.same(await contentOf(desk), before)
  }
  await staff('PATCH', `/tickets/${id}`, { status: 'In Progress' })
  isProblem(t, await own('PUT', `/tickets/${id}`, { title: 'Too late' }), 403, 'forbidden')
})

t.test('a requester closes, and reopens within 14 days of closing', async (t) => {
  const { id } = await makeTicket(own)
  const move = (status: string) => own('PATCH', `/tickets/${id}`, { status })
  const closed = (await move('closed')).json()
  t.match(closed, {
    status: 'Closed',
    closed_at: clock.now().toISOString(),
    sla: { resolution: { state: 'met' } },
  })
  clock.advance(14 * DAY)
  t.match((await move('Open')).json(), { status: 'Open', closed_at: null, resolved_at: null })
  t.match((await move('Closed')).json(), { status: 'Closed' })
  clock.advance(14 * DAY + 1)
  isProblem(t, await move('Open'), 403, 'forbidden')
  t.match((await staff('PATCH', `/tickets/${id}`, { status: 'Open' })).json(), { status: 'Open' })
})

t.test('moves that the workflow does not have are 409 and say which it has', async (t) => {
  const { id } = await makeTicket(own)
  await staff('PATCH', `/tickets/${id}`, { status: 'Resolved' })
  const before = await contentOf(desk)
  for (const status of ['In Progress', 'Pending', 'New']) {
    const change = { title: 'Another title', status }
    const answer = await staff('PUT', `/tickets/${id}`, change)
    const body = isProblem(t, answer, 409, 'transition_not_allowed', `Resolved to ${status}`)
    t.same(body.allowed_transitions, ['Open', 'Closed'])
  }
  isProblem(t, await staff('PUT', `/tickets/${id}`, { assigned_to: agent.id }), 409, 'ticket_not_active')
  t.same(await contentOf(desk), before)
})

t.test(
  'a client that repeats the whole ticket moves it to the team of its new category, and away again',
  async (t) => {
    const [team] = await desk.db.insert(teams).values({ name: 'Locks' }).returning()
    await desk.db.update(categories).set({ teamId: team!.id }).where(eq(categories.name, 'Access'))
    clock.advance(2_000)
    const { id } = await makeTicket(own)
    const put = async (changes: object) => {
      const whole = (await staff('GET', `/tickets/${id}`)).json()
      return (await staff('PUT', `/tickets/${id}`, { ...whole, ...changes })).json()
    }
    t.match(await put({ category: 'Access' }), { category: 'Access', team: 'Locks' })
    t.match(await put({ category: 'Other' }), { category: 'Other', team: null }, 'it came with the category')
    t.match(await put({ category: 'Access', team: 'Network' }), { category: 'Access', team: 'Network' })
    t.match(await put({ category: 'Other' }), { team: 'Network' }, 'a team that was chosen stays')
  },
)

t.test('what is done is reopened and given to somebody in one change', async (t) => {
  const { id } = await makeTicket(own)
  await staff('PATCH', `/tickets/${id}`, { status: 'Resolved' })
  const answer = await staff('PUT', `/tickets/${id}`, { status: 'Open', assigned_to: agent.id })
  t.match(answer.json(), { status: 'Open', assigned_to: agent.id })
  await staff('PATCH', `/tickets/${id}`, { status: 'Resolved' })
  isProblem(t, await staff('PUT', `/tickets/${id}`, { assigned_to: null }), 409, 'ticket_not_active')
})
