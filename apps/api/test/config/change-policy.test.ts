import { auditLog } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const actor = await desk.person('System Admin')
const admin = sender(desk, actor)
const requester = sender(desk, await desk.person('Normal User'))

interface Policy {
  id: number
  name: string
  [member: string]: unknown
}
const policies = async (): Promise<Policy[]> => (await admin('GET', '/config/sla-policies')).json()
const policyNamed = async (name: string): Promise<Policy> => {
  const policy = (await policies()).find((each) => each.name === name)
  if (policy === undefined) throw new Error(`no policy ${name}`)
  return policy
}
const minutesOf = async (priority: string, metric: string) => {
  const made = await makeTicket(requester, { priority })
  const ticket = (await requester('GET', `/tickets/${made.id}`)).json()
  return ticket.sla[metric].target_minutes
}

t.test('new tickets get the new targets, older ones keep theirs', async (t) => {
  const older = await makeTicket(requester, { priority: 'High' })
  const { id } = await policyNamed('High')
  const changes = { resolution_minutes: 1, first_response_minutes: 0.5, warning_percent: 50 }
  const answer = await admin('PUT', `/config/sla-policies/${id}`, changes)
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), { id, name: 'High', priority: 'High', category: null, team: null, ...changes })
  t.equal(await minutesOf('High', 'resolution'), 1)
  t.equal(await minutesOf('High', 'first_response'), 0.5)
  t.equal(await minutesOf('Low', 'resolution'), 4_320, 'other priorities are as before')
  const kept = (await requester('GET', `/tickets/${older.id}`)).json()
  t.equal(kept.sla.resolution.target_minutes, 480)
  const priorities = (await requester('GET', '/config/priorities')).json()
  t.equal(priorities.find(({ name }: { name: string }) => name === 'High').sla_hours, 1 / 60)
})

t.test('what is read may come back, and changes nothing', async (t) => {
  const policy = await policyNamed('Low')
  const before = await contentOf(desk)
  const empty = await admin('PUT', `/config/sla-policies/${policy.id}`, {})
  t.same(empty.json(), policy)
  t.same(await contentOf(desk), before, 'nothing asked, nothing changed')
  const whole = await admin('PUT', `/config/sla-policies/${policy.id}`, policy)
  t.same(whole.json(), policy)
  t.same(await contentOf(desk), before, 'nothing new was said, nothing changed')
})

t.test('a change is in the audit log with who made it', async (t) => {
  await desk.db.delete(auditLog)
  const { id } = await policyNamed('Medium')
  await admin('PUT', `/config/sla-policies/${id}`, { warning_percent: 90 })
  t.match(await desk.db.select().from(auditLog), [
    { actorId: actor.id, action: 'update', entity: 'sla_policy', entityId: String(id) },
  ])
})

t.test('only admins, and bad input changes nothing', async (t) => {
  const policy = await policyNamed('Critical')
  const path = `/config/sla-policies/${policy.id}`
  const before = await contentOf(desk)
  for (const role of ['Normal User', 'Technical User', 'Technical Supervisor'] as const) {
    const person = await desk.person(role)
    const since = await contentOf(desk)
    const answer = await sender(desk, person)('PUT', path, { resolution_minutes: 1 })
    isProblem(t, answer, 403, 'forbidden', role)
    t.same(await contentOf(desk), since)
  }
  isProblem(t, await sender(desk)('PUT', path, { resolution_minutes: 1 }), 401)
  const cases: [string, object][] = [
    ['resolution_minutes', { resolution_minutes: 0 }],
    ['resolution_minutes', { resolution_minutes: -5 }],
    ['resolution_minutes', { resolution_minutes: '60' }],
    ['resolution_minutes', { resolution_minutes: 0.001 }],
    ['resolution_minutes', { resolution_minutes: 1e12 }],
    ['first_response_minutes', { first_response_minutes: null }],
    ['warning_percent', { warning_percent: 0 }],
    ['warning_percent', { warning_percent: 101 }],
    ['warning_percent', { warning_percent: 50.5 }],
    ['priority', { priority: 'Enormous' }],
    ['category', { category: 'Cooking' }],
    ['team', { team: 'No such team' }],
    ['name', { name: '' }],
    ['colour', { colour: 'red' }],
  ]
  for (const [member, body] of cases) {
    const answer = await admin('PUT', path, { warning_percent: 10, ...body })
    const { errors } = isProblem(t, answer, 400, 'validation_failed', JSON.stringify(body))
    t.equal(errors[0]?.path, member)
  }
  isProblem(t, await admin('PUT', '/config/sla-policies/999999', { warning_percent: 10 }), 404, 'not_found')
  isProblem(t, await admin('PUT', path, { name: 'Low' }), 409, 'already_exists')
  t.same(await policyNamed('Critical'), policy)
  const { audit_log, sla_policies } = await contentOf(desk)
  t.same({ audit_log, sla_policies }, { audit_log: before.audit_log, sla_policies: before.sla_policies })
})
