import assert from 'node:assert/strict'
import { createTestClock, createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const clock = createTestClock()
const desk = await createTestDesk(t, { clock })
const admin = sender(desk, await desk.person('System Admin'))
const idle = await desk.person('Technical User', { name: 'Ada Byrne', maxTickets: 2 })
const full = await desk.person('Technical User', { maxTickets: 1 })
const away = await desk.person('Technical User')
const unavailable = await desk.person('Technical User', { isAvailable: false })
const gone = await desk.person('Technical User')
const supervisor = await desk.person('Technical Supervisor')
const requester = await desk.person('Normal User')
const idsOf = async (path: string) => {
  const answer = await sender(desk, idle)('GET', path)
  assert.equal(answer.statusCode, 200)
  return (answer.json() as { id: number }[]).map(({ id }) => id)
}

t.before(async () => {
  const { id } = await makeTicket(sender(desk, requester))
  await admin('PUT', `/tickets/${id}/assign`, { agent_id: full.id })
  const from = clock.now().toISOString()
  const to = new Date(clock.now().getTime() + 60_000).toISOString()
  await admin('PATCH', `/users/${away.id}`, { out_of_office: { from, to } })
  await admin('DELETE', `/users/${gone.id}`)
})

t.test('/agents has every active agent', async (t) => {
  t.same(await idsOf('/agents'), [idle.id, full.id, away.id, unavailable.id, supervisor.id])
  const rows = (await sender(desk, idle)('GET', '/agents')).json()
  t.same(rows[0], {
    id: idle.id,
    name: 'Ada Byrne',
    email: idle.email,
    role: 'Technical User',
    active_tickets: 0,
    max_tickets: 2,
    is_available: true,
  })
  t.match(rows[1], { active_tickets: 1, max_tickets: 1, is_available: true })
  t.match(rows[2], { is_available: false }, 'out of office')
  t.match(rows[3], { is_available: false })
})

t.test('/agents/assignable has those who can take one now', async (t) => {
  t.same(await idsOf('/agents/assignable'), [idle.id, supervisor.id])
  await admin('PUT', '/config/assignment', { include_supervisors: false })
  t.same(await idsOf('/agents/assignable'), [idle.id])
  t.ok((await idsOf('/agents')).includes(supervisor.id))
  clock.advance(60_000)
  t.same(await idsOf('/agents/assignable'), [idle.id, away.id], 'back when the time is over')
})

t.test('for staff only', async (t) => {
  for (const path of ['/agents', '/agents/assignable']) {
    isProblem(t, await sender(desk, requester)('GET', path), 403, 'forbidden')
    isProblem(t, await sender(desk)('GET', path), 401)
  }
})
