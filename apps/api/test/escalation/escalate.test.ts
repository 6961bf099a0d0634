import { alerts, emailDeliveries, teams, users } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { and, eq } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const [requester, agent, lead, head, other, admin] = [
  await desk.person('Normal User'),
  await desk.person('Technical User', { name: 'Ada Agent' }),
  await desk.person('Technical Supervisor'),
  await desk.person('Technical Supervisor'),
  await desk.person('Technical Supervisor'),
  await desk.person('System Admin'),
]
const own = sender(desk, requester)
const staff = sender(desk, agent)
const [company] = await desk.db.insert(teams).values({ name: 'Company', supervisorId: head.id }).returning()
await desk.db.insert(teams).values({ name: 'Networks', parentId: company!.id, supervisorId: lead.id })

const reason = 'The board is waiting'
const toldOf = async (ticketId: number) => {
  const about = and(eq(alerts.ticketId, ticketId), eq(alerts.alertType, 'escalation'))
  return (await desk.db.select().from(alerts).where(about).orderBy(alerts.id)).map((row) => row.userId)
}

t.test('level by level up the chain, priority by priority, visible to staff', async (t) => {
  const { id, ticket_id } = await makeTicket(own, { priority: 'Medium' })
  await staff('PUT', `/tickets/${id}`, { team: 'Networks' })
  const answer = await staff('POST', `/tickets/${ticket_id}/escalate`, { reason })
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), { id, escalation_level: 1, priority: 'High', status: 'New' })
  t.equal(answer.headers.etag, `"${answer.json().version}"`)
  t.equal(answer.json().sla.resolution.target_minutes, 480, 'clocks move like with any change of priority')
  t.strictSame(await toldOf(id), [lead.id])
  await staff('POST', `/tickets/${id}/escalate`, { reason })
  t.strictSame(await toldOf(id), [lead.id, head.id])
  const last = await staff('POST', `/tickets/${id}/escalate`, { reason })
  t.match(last.json(), { escalation_level: 3, priority: 'Critical' })
  t.strictSame((await toldOf(id)).slice(2).sort(), [lead.id, head.id, other.id].sort(), 'all supervisors')
  t.match((await staff('POST', `/tickets/${id}/escalate`, { reason })).json(), {
    escalation_level: 4,
    priority: 'Critical',
  })
  t.strictSame((await toldOf(id)).slice(5), [admin.id])

  const [mail] = await desk.db
    .select()
    .from(emailDeliveries)
    .where(
      and(
        eq(emailDeliveries.ticketId, id),
        eq(emailDeliveries.userId, lead.id),
        eq(emailDeliveries.template, 'escalation'),
      ),
    )
  t.match(mail, { status: 'queued', params: { level: 1, priority: 'High', actor: 'Ada Agent', reason } })
  const activities = (await staff('GET', `/tickets/${id}/activities`)).json()
  const escalated = activities.filter((each: { description: string }) =>
    each.description.startsWith('Escalated'),
  )
  t.match(escalated, [{ description: `Escalated to level 1: ${reason}`, performed_by: agent.id }, {}, {}, {}])
  const timeline = (await staff('GET', `/messages/ticket/${id}/timeline?include=events`)).json()
  t.ok(
    timeline.some((each: { description?: string }) => each.description === `Escalated to level 4: ${reason}`),
  )
  t.notMatch((await own('GET', `/tickets/${id}/events`)).body, reason, 'what staff says among itself')
})

t.test('to somebody by name; who escalates is never alerted', async (t) => {
  const { id } = await makeTicket(own)
  t.equal((await staff('POST', `/tickets/${id}/escalate`, { reason, to: String(admin.id) })).statusCode, 200)
  t.strictSame(await toldOf(id), [admin.id])
  const byLead = await sender(desk, lead)('POST', `/tickets/${id}/escalate`, { reason, to: lead.id })
  t.match(byLead.json(), { escalation_level: 2 })
  t.strictSame(
    await toldOf(id),
    [admin.id, admin.id],
    'the chain instead: level 2 of a ticket without a team',
  )
})

t.test('what is wrong with it is said, and nothing changes', async (t) => {
  const { id, version } = await makeTicket(own)
  const path = `/tickets/${id}/escalate`
  const gone = await desk.person('Technical Supervisor')
  await desk.db.update(users).set({ isActive: false }).where(eq(users.id, gone.id))
  for (const to of [requester.id, gone.id, 999_999]) {
    const answer = await staff('POST', path, { reason, to })
    isProblem(t, answer, 400, 'validation_failed')
    t.match(answer.json().errors, [{ path: 'to' }])
  }
  for (const body of [
    {},
    { reason: '' },
    { reason: '  ' },
    { reason: 5 },
    { reason, level: 9 },
    { reason, to: 'me' },
    { reason: 'x'.repeat(1_001) },
  ]) {
    isProblem(t, await staff('POST', path, body), 400, undefined, JSON.stringify(body))
  }
  isProblem(t, await own('POST', path, { reason }), 403, 'forbidden')
  isProblem(t, await sender(desk)('POST', path, { reason }), 401)
  isProblem(t, await staff('POST', '/tickets/999999/escalate', { reason }), 404)
  isProblem(
    t,
    await staff('POST', path, { reason }, { 'if-match': `"${version + 7}"` }),
    412,
    'stale_version',
  )
  t.match((await staff('GET', `/tickets/${id}`)).json(), { version, escalation_level: 0, priority: 'Medium' })
  t.strictSame(await toldOf(id), [])
  t.equal((await staff('POST', path, { reason }, { 'if-match': `"${version}"` })).statusCode, 200)
})

t.test('a ticket that is done, or deleted, is not escalated', async (t) => {
  const { id } = await makeTicket(own)
  const path = `/tickets/${id}/escalate`
  for (const status of ['Resolved', 'Closed']) {
    await staff('PUT', `/tickets/${id}`, { status })
    isProblem(t, await staff('POST', path, { reason }), 409, 'ticket_not_active', status)
  }
  const boss = sender(desk, admin)
  await boss('DELETE', `/tickets/${id}`)
  isProblem(t, await boss('POST', path, { reason }), 409, 'ticket_deleted')
  isProblem(t, await staff('POST', path, { reason }), 404)
  t.strictSame(await toldOf(id), [])
})
