import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)

t.test('both clocks with their logs, for whoever may see the ticket', async (t) => {
  const requester = sender(desk, await desk.person('Normal User'))
  const agent = sender(desk, await desk.person('Technical User'))
  const ticket = await makeTicket(requester, { priority: 'High' })
  await agent('PATCH', `/tickets/${ticket.id}`, { status: 'Pending' })
  await agent('PATCH', `/tickets/${ticket.id}`, { priority: 'Low' })
  const answer = await agent('GET', `/sla/clocks/${ticket.ticket_id}`)
  t.equal(answer.statusCode, 200)
  const body = answer.json()
  t.equal(body.ticket_id, ticket.ticket_id)
  const [first, resolution] = body.clocks
  t.match(first, {
    metric: 'first_response',
    state: 'running',
    policy: 'Low',
    calendar: '24x7',
    target_minutes: 480,
  })
  t.match(resolution, {
    metric: 'resolution',
    state: 'paused',
    due_at: null,
    paused_at: /Z$/,
    warning_percent: 80,
  })
  t.match(resolution.events, [
    { seq: 1, type: 'start', at: /Z$/, data: { target_seconds: 8 * 3_600 } },
    { seq: 2, type: 'pause', data: {} },
    { seq: 3, type: 'apply_policy', data: { target_seconds: 72 * 3_600 } },
  ])
  t.equal((await requester('GET', `/sla/clocks/${ticket.id}`)).statusCode, 200)
})

t.test('for nobody else', async (t) => {
  const ticket = await makeTicket(sender(desk, await desk.person('Normal User')))
  const stranger = sender(desk, await desk.person('Normal User'))
  isProblem(t, await stranger('GET', `/sla/clocks/${ticket.id}`), 404)
  isProblem(t, await stranger('GET', '/sla/clocks/999999'), 404)
  isProblem(t, await stranger('GET', '/sla/clocks/TKT-'), 400)
  isProblem(t, await sender(desk)('GET', `/sla/clocks/${ticket.id}`), 401)
})
