import { agents as agentRows, tickets } from '@servicedesk/db'
import { createTestClock, createTestDesk } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const clock = createTestClock()
const desk = await createTestDesk(t, { clock })
const agent = await desk.person('Technical User', { name: 'Ada Byrne', maxTickets: 50 })
const other = await desk.person('Technical User', { name: 'Bob Cole', maxTickets: 50 })
const supervisorActor = await desk.person('Technical Supervisor', { name: 'Cy Dent', isAvailable: false })
const requester = await desk.person('Normal User')
const staff = sender(desk, agent)
const supervisor = sender(desk, supervisorActor)
const own = sender(desk, requester)
const set = (id: number, values: Partial<typeof agentRows.$inferInsert>) =>
  desk.db.update(agentRows).set(values).where(eq(agentRows.userId, id))
const drains = () => desk.dispatched.filter((row) => row.name === 'assignment.drain').length

t.test('PUT and POST, in body or query, give the ticket and answer who had it', async (t) => {
  for (const method of ['PUT', 'POST'] as const) {
    const { id, ticket_id } = await makeTicket(own)
    const first = await staff(method, `/tickets/${ticket_id}/assign`, { agent_id: String(other.id) })
    t.equal(first.statusCode, 200)
    t.same(first.json(), {
      message: `${ticket_id} is assigned to Bob Cole`,
      ticket_id,
      assigned_to: other.id,
      previous_assignee: null,
    })
    const ticket = (await staff('GET', `/tickets/${id}`)).json()
    t.match(ticket, { status: 'Open', assigned_to: other.id })
    t.equal(first.headers.etag, `"${ticket.version}"`)
    const second = await staff(method, `/tickets/${id}/assign?agent_id=${agent.id}`)
    t.match(second.json(), { assigned_to: agent.id, previous_assignee: other.id })

    const before = await contentOf(desk)
    const again = await staff(method, `/tickets/${id}/assign`, { agent_id: agent.id })
    t.match(again.json(), { assigned_to: agent.id, previous_assignee: agent.id })
    t.same(await contentOf(desk), before, 'who has it gets it: no change')
  }
})

t.test('query and body may both name the agent, but the same; who does it is not asked', async (t) => {
  const { id } = await makeTicket(own)
  const assign = (query: string, agent_id: unknown) =>
    staff('PUT', `/tickets/${id}/assign?agent_id=${query}`, {
      agent_id,
      performed_by: 1,
      performed_by_name: 'Somebody Else',
    })
  const before = await contentOf(desk)
  for (const [query, agent_id] of [
    [String(agent.id), other.id],
    [String(agent.id), null],
    ['', agent.id],
    ['auto', 'none'],
  ] as const) {
    const { errors } = isProblem(t, await assign(query, agent_id), 400, 'validation_failed')
    t.equal(errors[0]?.path, 'agent_id', `${query} and ${agent_id}`)
  }
  t.same(await contentOf(desk), before)
  t.match((await assign(String(agent.id), agent.id)).json(), { assigned_to: agent.id })
  t.match((await assign('none', null)).json(), { assigned_to: null, previous_assignee: agent.id })
})

t.test('null, nothing and none unassign; the former agent is passed over once', async (t) => {
  const { id } = await makeTicket(own)
  for (const [path, body] of [
    ['', { agent_id: null }],
    ['', { agent_id: '' }],
    ['', { agent_id: 'none' }],
    ['?agent_id=', undefined],
    ['?agent_id=none', undefined],
  ] as const) {
    await staff('PUT', `/tickets/${id}/assign`, { agent_id: agent.id })
    desk.dispatched.length = 0
    const answer = await staff('PUT', `/tickets/${id}/assign${path}`, body)
    t.match(answer.json(), { assigned_to: null, previous_assignee: agent.id, message: /waits for an agent$/ })
    t.equal(drains(), 1, 'and is queued again')
    const [row] = await desk.db.select().from(tickets).where(eq(tickets.id, id))
    t.match(row, { passedOver: agent.id, statusClass: 'open' })
  }
  const before = await contentOf(desk)
  t.match((await staff('POST', `/tickets/${id}/assign`, { agent_id: null })).json(), {
    previous_assignee: null,
  })
  t.same(await contentOf(desk), before, 'nobody had it: no change')
  t.match((await staff('POST', `/tickets/${id}/assign`, { agent_id: 'auto' })).json(), {
    assigned_to: other.id,
  })
})

t.test('auto lets the engine choose at once, or the ticket waits', async (t) => {
  const { id, ticket_id } = await makeTicket(own)
  const counts = (await staff('GET', '/agents')).json() as { id: number; active_tickets: number }[]
  const least = counts
    .filter((each) => each.id !== supervisorActor.id)
    .sort((a, b) => a.active_tickets - b.active_tickets || a.id - b.id)[0]
  const answer = await staff('POST', `/tickets/${id}/assign?agent_id=auto`)
  t.match(answer.json(), { assigned_to: least?.id, previous_assignee: null })
  const why = (await staff('GET', `/tickets/${id}/assignment`)).json()
  t.match(why, {
    strategy: 'workload',
    score: null,
    assigned_by: null,
    reason: /the fewest among 2 available agents$/,
  })

  const before = await contentOf(desk)
  t.match((await staff('POST', `/tickets/${id}/assign`, { agent_id: 'auto' })).json(), {
    assigned_to: least?.id,
  })
  t.same(await contentOf(desk), before, 'the best choice has it')

  for (const each of [agent, other]) await set(each.id, { isAvailable: false })
  t.match((await staff('POST', `/tickets/${id}/assign`, { agent_id: 'auto' })).json(), {
    assigned_to: least?.id,
  })
  const lonely = await makeTicket(own)
  t.match((await staff('POST', `/tickets/${lonely.id}/assign`, { agent_id: 'auto' })).json(), {
    message: `${lonely.ticket_id} waits for an agent`,
    assigned_to: null,
  })
  t.match((await staff('GET', `/tickets/${lonely.id}/assignment`)).json(), {
    waiting_reason: 'No agent is available with capacity left',
  })
  for (const each of [agent, other]) await set(each.id, { isAvailable: true })

  const [fuller, idler] = least?.id === agent.id ? [agent, other] : [other, agent]
  await set(idler.id, { activeTickets: 0 })
  const moved = await staff('POST', `/tickets/${id}/assign`, { agent_id: 'auto' })
  t.match(moved.json(), { assigned_to: idler.id, previous_assignee: fuller.id })
  // Whoever has it is compared as if they had not, at the cap too.
  await set(idler.id, { activeTickets: 1, maxTickets: 1 })
  await set(fuller.id, { activeTickets: 5 })
  t.match((await staff('POST', `/tickets/${id}/assign`, { agent_id: 'auto' })).json(), {
    assigned_to: idler.id,
  })
  await set(idler.id, { maxTickets: 10 })
  t.match((await staff('GET', `/tickets/${ticket_id}/events`)).json().at(-1), {
    type: 'assigned',
    actor_id: agent.id,
  })
})

t.test('over the cap is 409, unless a supervisor or admin forces it', async (t) => {
  const full = await desk.person('Technical User', { name: 'Eve Full', maxTickets: 0 })
  const { id } = await makeTicket(own)
  const before = await contentOf(desk)
  isProblem(
    t,
    await supervisor('PUT', `/tickets/${id}/assign`, { agent_id: full.id }),
    409,
    'agent_over_capacity',
  )
  const forced = { agent_id: full.id, force: true }
  isProblem(t, await staff('PUT', `/tickets/${id}/assign`, forced), 403, 'forbidden')
  isProblem(t, await staff('PUT', `/tickets/${id}/assign?agent_id=${full.id}&force=true`), 403, 'forbidden')
  t.same(await contentOf(desk), before)
  t.match((await supervisor('PUT', `/tickets/${id}/assign`, forced)).json(), { assigned_to: full.id })
  t.match((await staff('GET', `/tickets/${id}/assignment`)).json(), {
    strategy: 'manual',
    assigned_by: supervisorActor.id,
    reason: 'Cy Dent chose Eve Full, although over the cap with 0 of at most 0 active tickets',
  })
  const next = await makeTicket(own)
  const answer = await supervisor('POST', `/tickets/${next.id}/assign?agent_id=${full.id}&force=true`)
  t.match(answer.json(), { assigned_to: full.id })
  await set(full.id, { isAvailable: false })
})

t.test('who is away may be given a ticket by hand, and the reason says so', async (t) => {
  const away = await desk.person('Technical User', { name: 'Flo Gray', isAvailable: false })
  const { id } = await makeTicket(own)
  await staff('PUT', `/tickets/${id}/assign`, { agent_id: away.id })
  const reason = async () => (await staff('GET', `/tickets/${id}/assignment`)).json().reason
  t.equal(await reason(), 'Ada Byrne chose Flo Gray, although not available')
  await set(away.id, { isAvailable: true, outOfOfficeFrom: new Date(clock.now().getTime() - 1_000) })
  await staff('PUT', `/tickets/${id}/assign`, { agent_id: agent.id })
  t.equal(await reason(), 'Ada Byrne took it')
  await staff('PUT', `/tickets/${id}/assign`, { agent_id: away.id })
  t.equal(await reason(), 'Ada Byrne chose Flo Gray, although out of office')
})

t.test('who is no agent, and tickets that are done, are refused with nothing changed', async (t) => {
  const gone = await desk.person('Technical User')
  const admin = sender(desk, await desk.person('System Admin'))
  await admin('DELETE', `/users/${gone.id}`)
  const { id } = await makeTicket(own)
  const [resolved, closed, deleted] = [await makeTicket(own), await makeTicket(own), await makeTicket(own)]
  await staff('PUT', `/tickets/${resolved.id}/status`, { status: 'Resolved' })
  await staff('PUT', `/tickets/${closed.id}/status`, { status: 'Closed' })
  await admin('DELETE', `/tickets/${deleted.id}`)
  const before = await contentOf(desk)
  for (const method of ['PUT', 'POST'] as const) {
    for (const agent_id of [requester.id, gone.id, 999_999, -1, 0, 1.5, 'somebody', 'Auto', true, {}, []]) {
      const answer = await staff(method, `/tickets/${id}/assign`, { agent_id })
      const { errors } = isProblem(t, answer, 400, 'validation_failed', JSON.stringify(agent_id))
      t.equal(errors[0]?.path, 'agent_id')
    }
    for (const body of [{}, undefined, { force: true }]) {
      const { errors } = isProblem(t, await supervisor(method, `/tickets/${id}/assign`, body), 400)
      t.equal(errors[0]?.path, 'agent_id', 'it is asked for')
    }
    for (const agent_id of [agent.id, null, 'auto']) {
      for (const done of [resolved, closed])
        isProblem(
          t,
          await staff(method, `/tickets/${done.id}/assign`, { agent_id }),
          409,
          'ticket_not_active',
        )
      isProblem(t, await staff(method, `/tickets/${deleted.id}/assign`, { agent_id }), 404, 'not_found')
      isProblem(t, await admin(method, `/tickets/${deleted.id}/assign`, { agent_id }), 409, 'ticket_deleted')
      isProblem(t, await own(method, `/tickets/${id}/assign`, { agent_id }), 403, 'forbidden')
    }
  }
  t.same(await contentOf(desk), before)
})

t.test('If-Match: of two who assign at once with one version, one does', async (t) => {
  const { id, version } = await makeTicket(own)
  const ifMatch = { 'if-match': `"${version}"` }
  const answers = await Promise.all(
    [agent, other].map((each) => staff('PUT', `/tickets/${id}/assign`, { agent_id: each.id }, ifMatch)),
  )
  t.same(answers.map((answer) => answer.statusCode).sort(), [200, 412])
  const loser = answers.find((answer) => answer.statusCode === 412)
  isProblem(t, loser!, 412, 'stale_version')
})
