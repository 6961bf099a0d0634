import { auditLog, slaClocks, slaPolicies } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { refusesBodies, refusesInUse } from '../helpers/refusals.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const admin = sender(desk, await desk.person('System Admin'))
const second = sender(desk, await desk.person('System Admin'))
const requester = sender(desk, await desk.person('Normal User'))

interface Policy {
  id: number
  name: string
  position: number
  calendar_id: number
}
const TARGETS = { first_response_minutes: 5, resolution_minutes: 50 }
const all = async (): Promise<Policy[]> => (await requester('GET', '/config/sla-policies')).json()
const names = async () => (await all()).map(({ name }) => name)
const make = async (body: object): Promise<Policy> => {
  const answer = await admin('POST', '/config/sla-policies', { ...TARGETS, ...body })
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json()
}
const policyOf = async (more: object) => {
  const { id } = await makeTicket(requester, more)
  return (await requester('GET', `/tickets/${id}`)).json().sla.resolution.policy
}
const recomputes = async () => (await desk.owed()).filter(({ name }) => name === 'sla.recompute').length

t.test('a new policy is behind the particular ones and in front of the defaults', async (t) => {
  const first = await make({ name: 'Mail first', category: 'email' })
  const { calendar_id } = (await all()).find(({ name }) => name === 'Low')!
  t.match(first, {
    priority: null,
    category: 'Email',
    team: null,
    calendar_id,
    ...TARGETS,
    warning_percent: 80,
    breach_actions: ['alert'],
    is_active: true,
  })
  await make({ name: 'Mail second', category: 'Email', priority: 'High' })
  await make({ name: 'Everything' })
  await make({ name: 'Quick Low', priority: 'Low', breach_actions: ['reassign', 'alert', 'escalate'] })
  t.same(await names(), [
    'Mail first',
    'Mail second',
    'Quick Low',
    'Critical',
    'High',
    'Medium',
    'Low',
    'Everything',
  ])
  t.equal(await policyOf({ category: 'Email', priority: 'High' }), 'Mail first')
  t.equal(await policyOf({ category: 'Network', priority: 'Low' }), 'Quick Low')
  t.equal(await policyOf({ category: 'Network', priority: 'High' }), 'High')
  t.equal(await recomputes(), 4, 'open clocks hear of each')
})

t.test('a position that is taken is made free', async (t) => {
  const before = await all()
  const moved = before.find(({ name }) => name === 'Mail second')!
  const answer = await admin('PUT', `/config/sla-policies/${moved.id}`, { position: 1 })
  t.equal(answer.json().position, 1)
  t.same((await names()).slice(0, 3), ['Mail second', 'Mail first', 'Quick Low'])
  t.equal(await policyOf({ category: 'Email', priority: 'High' }), 'Mail second')
  const inserted = await make({ name: 'In between', category: 'Software', position: 2 })
  t.equal(inserted.position, 2)
  t.same((await names()).slice(0, 4), ['Mail second', 'In between', 'Mail first', 'Quick Low'])
  await admin('PUT', `/config/sla-policies/${moved.id}`, { position: 500_000 })
  t.equal((await names()).at(-1), 'Mail second')
  const positions = (await all()).map(({ position }) => position)
  t.same(new Set(positions).size, positions.length)
})

t.test('two admins in one position', async (t) => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      (n % 2 ? admin : second)('POST', '/config/sla-policies', {
        ...TARGETS,
        name: `Race ${n}`,
        category: 'Access',
        position: 3,
      }),
    ),
  )
  t.same(
    answers.map(({ statusCode }) => statusCode),
    Array(8).fill(201),
  )
  const list = await all()
  t.equal(new Set(list.map(({ position }) => position)).size, list.length)
  const races = list.filter(({ name }) => name.startsWith('Race'))
  t.equal(races.length, 8)
  t.same(
    races.map(({ position }) => position),
    [3, 4, 5, 6, 7, 8, 9, 10],
  )
  const together = await Promise.all(
    races.map(({ id }, n) => (n % 2 ? admin : second)('PUT', `/config/sla-policies/${id}`, { position: 3 })),
  )
  t.ok(together.every(({ statusCode }) => statusCode === 200))
  for (const { id } of races) await admin('DELETE', `/config/sla-policies/${id}`)
})

t.test('what a change means is when it was made, and only then owed', async (t) => {
  const policy = (await all()).find(({ name }) => name === 'Mail first')!
  const changedAt = async () => {
    const [row] = await desk.db.select().from(slaPolicies).where(eq(slaPolicies.id, policy.id))
    return row!.changedAt.getTime()
  }
  const path = `/config/sla-policies/${policy.id}`
  for (const body of [
    { first_response_minutes: 6 },
    { resolution_minutes: 60 },
    { warning_percent: 70 },
    { priority: 'Low' },
    { category: null },
    { is_active: false },
    { position: 77 },
  ]) {
    const [owed, since] = [await recomputes(), Date.now()]
    const answer = await admin('PUT', path, body)
    t.match(answer.json(), body)
    t.equal(await recomputes(), owed + 1, JSON.stringify(body))
    t.ok((await changedAt()) >= since, JSON.stringify(body))
  }
  const [owed, since] = [await recomputes(), await changedAt()]
  await admin('PUT', path, { name: 'Mail renamed', breach_actions: [], resolution_minutes: 60 })
  t.same(
    [await recomputes(), await changedAt()],
    [owed, since],
    'a name and what a breach does are read late',
  )
  t.match((await admin('GET', path)).json(), { name: 'Mail renamed', breach_actions: [] })
})

t.test('bad bodies', async (t) => {
  const bodies: [string, object][] = [
    ['name', { name: '' }],
    ['position', { position: 0 }],
    ['position', { position: 1e7 }],
    ['priority', { priority: 'Enormous' }],
    ['category', { category: 'Cooking' }],
    ['team', { team: 'Nobody' }],
    ['calendar_id', { calendar_id: 999 }],
    ['calendar_id', { calendar_id: null }],
    ['first_response_minutes', { first_response_minutes: 0 }],
    ['first_response_minutes', { first_response_minutes: -1 }],
    ['first_response_minutes', { first_response_minutes: null }],
    ['resolution_minutes', { resolution_minutes: 1e12 }],
    ['resolution_minutes', { resolution_minutes: 0.001 }],
    ['warning_percent', { warning_percent: 101 }],
    ['breach_actions.0', { breach_actions: ['explode'] }],
    ['breach_actions', { breach_actions: ['alert', 'alert'] }],
    ['breach_actions', { breach_actions: 'alert' }],
    ['is_active', { is_active: 'yes' }],
    ['changed_at', { changed_at: '2026-01-01T00:00:00Z' }],
  ]
  const [{ id }] = (await all()) as [Policy]
  const fine = { name: 'Fine', ...TARGETS, position: 1 }
  await refusesBodies(t, desk, (body) => admin('POST', '/config/sla-policies', { ...fine, ...body }), bodies)
  await refusesBodies(
    t,
    desk,
    (body) => admin('PUT', `/config/sla-policies/${id}`, { ...fine, ...body }),
    bodies,
  )
  await refusesBodies(t, desk, (body) => admin('POST', '/config/sla-policies', body), [
    ['name', TARGETS],
    ['first_response_minutes', { name: 'No target', resolution_minutes: 5 }],
    ['resolution_minutes', { name: 'No target', first_response_minutes: 5 }],
  ])
  isProblem(
    t,
    await admin('POST', '/config/sla-policies', { ...TARGETS, name: 'LOW' }),
    409,
    'already_exists',
  )
})

t.test('a policy that timed a clock is switched off, not deleted', async (t) => {
  const policy = await make({ name: 'Short-lived', category: 'Security', position: 1 })
  const { id } = await makeTicket(requester, { category: 'Security', priority: 'Low' })
  const remove = () => admin('DELETE', `/config/sla-policies/${policy.id}`)
  await refusesInUse(t, desk, remove, /is_active/)
  const [low] = await desk.db.select().from(slaPolicies).where(eq(slaPolicies.name, 'Low'))
  await desk.db.update(slaClocks).set({ policyId: low!.id }).where(eq(slaClocks.ticketId, id))
  await refusesInUse(t, desk, remove, /is_active/)
  await admin('PUT', `/config/sla-policies/${policy.id}`, { is_active: false })
  t.equal(await policyOf({ category: 'Security', priority: 'Low' }), 'Quick Low')
})

t.test('open tickets keep a promise', async (t) => {
  const { id: everything } = (await all()).find(({ name }) => name === 'Everything')!
  t.equal((await admin('DELETE', `/config/sla-policies/${everything}`)).statusCode, 200)
  const { id } = (await all()).find(({ name }) => name === 'Critical')!
  const path = `/config/sla-policies/${id}`
  await desk.db.delete(auditLog)
  t.equal((await admin('PUT', path, { is_active: false })).statusCode, 200, 'there is no critical ticket')
  t.equal((await admin('GET', '/config/priorities')).json()[0].sla_hours, null)
  t.match(await desk.db.select().from(auditLog), [
    { action: 'update', data: { before: { is_active: true }, after: { is_active: false } } },
  ])
  await admin('PUT', path, { is_active: true })
  const substitute = await make({ name: 'Substitute', priority: 'Critical' })
  const ticket = await makeTicket(requester, { priority: 'Critical' })
  t.equal(ticket.priority, 'Critical')
  t.equal((await admin('PUT', path, { is_active: false })).statusCode, 200, 'the other one is left')
  const last = `/config/sla-policies/${substitute.id}`
  for (const body of [{ is_active: false }, { category: 'Access' }, { priority: 'Low' }]) {
    await refusesInUse(t, desk, () => admin('PUT', last, body), /1 are open/)
  }
})

t.test('unknown ones', async (t) => {
  const before = await contentOf(desk)
  isProblem(t, await admin('PUT', '/config/sla-policies/999999', TARGETS), 404, 'not_found')
  isProblem(t, await admin('DELETE', '/config/sla-policies/999999'), 404, 'not_found')
  isProblem(t, await admin('GET', '/config/sla-policies/999999'), 404, 'not_found')
  t.same(await contentOf(desk), before)
})
