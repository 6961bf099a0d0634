import { auditLog } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { desc } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { refusesBodies, refusesInUse } from '../helpers/refusals.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const actor = await desk.person('System Admin')
const admin = sender(desk, actor)
const requester = sender(desk, await desk.person('Normal User'))

interface Priority {
  id: number
  name: string
  sla_hours: number | null
  color_code: string
  rank: number
}
const all = async (): Promise<Priority[]> => (await requester('GET', '/config/priorities')).json()
const names = async () => (await all()).map(({ name, rank }) => `${rank} ${name}`)
const named = async (name: string) => {
  const found = (await all()).find((each) => each.name === name)
  if (found === undefined) throw new Error(`no priority ${name}`)
  return found
}
const RED = { color_code: '#FF0000' }

t.test('one in the middle, with a promise of its own', async (t) => {
  const answer = await admin('POST', '/config/priorities', {
    name: '  Very   high ',
    sla_hours: 1.5,
    rank: 2,
    ...RED,
  })
  t.equal(answer.statusCode, 201, answer.body)
  const { id } = answer.json()
  t.same(answer.json(), { id, name: 'Very high', sla_hours: 1.5, rank: 2, ...RED })
  t.equal(answer.headers.location, `/api/v1/config/priorities/${id}`)
  t.same((await requester('GET', `/config/priorities/${id}`)).json(), answer.json())
  t.same(await names(), ['1 Critical', '2 Very high', '3 High', '4 Medium', '5 Low'])
  const ticket = await makeTicket(requester, { priority: 'very_high' })
  t.equal(ticket.priority, 'Very high')
  t.match((await requester('GET', `/tickets/${ticket.id}`)).json().sla, {
    resolution: { target_minutes: 90, policy: 'Very high' },
    first_response: { target_minutes: 11.25 },
  })
  const [entry] = await desk.db.select().from(auditLog).orderBy(desc(auditLog.id)).limit(1)
  t.match(entry, {
    actorId: actor.id,
    action: 'create',
    entity: 'priority',
    entityId: String(id),
    data: { name: 'Very high', sla_hours: 1.5 },
  })
})

t.test('renamed, moved, coloured; what is not sent stays', async (t) => {
  const { id } = await named('Low')
  const moved = await admin('PUT', `/config/priorities/${id}`, { rank: 1 })
  t.match(moved.json(), { id, name: 'Low', sla_hours: 72, color_code: '#16a34a', rank: 1 })
  t.same(await names(), ['1 Low', '2 Critical', '3 Very high', '4 High', '5 Medium'])
  await admin('PUT', `/config/priorities/${id}`, { rank: 1_000 })
  t.same((await names()).at(-1), '5 Low', 'past the last is the last')
  const renamed = await admin('PUT', `/config/priorities/${id}`, { name: 'Whenever', ...RED })
  t.match(renamed.json(), { id, name: 'Whenever', ...RED, rank: 5 })
  t.equal((await makeTicket(requester, { priority: 'whenever' })).priority, 'Whenever')
  const [entry] = await desk.db.select().from(auditLog).orderBy(desc(auditLog.id)).limit(1)
  t.same(entry?.data, {
    before: { name: 'Low', color_code: '#16a34a' },
    after: { name: 'Whenever', color_code: '#FF0000' },
  })
  const before = await contentOf(desk)
  t.equal((await admin('PUT', `/config/priorities/${id}`, renamed.json())).statusCode, 200)
  t.same(await contentOf(desk), before, 'what is read may come back')
})

t.test('sla_hours is the resolution target of the default policy, and clocks hear of it', async (t) => {
  const { id } = await named('High')
  const answer = await admin('PUT', `/config/priorities/${id}`, { sla_hours: 6 })
  t.equal(answer.json().sla_hours, 6)
  t.match(
    (await desk.owed()).filter(({ name }) => name === 'sla.recompute'),
    [{}, {}],
    'for the new and the old one',
  )
  const policies = (await admin('GET', '/config/sla-policies')).json()
  t.match(
    policies.find(({ name }: Priority) => name === 'High'),
    { resolution_minutes: 360, first_response_minutes: 60 },
  )
  isProblem(t, await admin('PUT', `/config/priorities/${id}`, { sla_hours: null }), 400)
})

t.test('without a promise, until it gets one', async (t) => {
  const { id, ...made } = (await admin('POST', '/config/priorities', { name: 'Idea', ...RED })).json()
  t.same(made, { name: 'Idea', sla_hours: null, rank: 6, ...RED })
  t.equal((await admin('PUT', `/config/priorities/${id}`, { sla_hours: null })).statusCode, 200, 'as it is')
  const { id: ticketId } = await makeTicket(requester, { priority: 'Idea' })
  t.equal((await requester('GET', `/tickets/${ticketId}`)).statusCode, 200)
  t.equal((await admin('PUT', `/config/priorities/${id}`, { sla_hours: 800 })).json().sla_hours, 800)
  t.match((await admin('GET', '/config/sla-policies')).json().at(-1), {
    name: 'Idea',
    priority: 'Idea',
    resolution_minutes: 48_000,
    first_response_minutes: 480,
  })
})

t.test('bad bodies', async (t) => {
  const fine = { name: 'Another', sla_hours: 1, ...RED }
  const bodies: [string, object][] = [
    ['name', { name: '' }],
    ['name', { name: '   ' }],
    ['name', { name: 'a, b' }],
    ['name', { name: 'bell \u0007' }],
    ['name', { name: 'x'.repeat(101) }],
    ['name', { name: 7 }],
    ['sla_hours', { sla_hours: 0 }],
    ['sla_hours', { sla_hours: -4 }],
    ['sla_hours', { sla_hours: 0.0001 }],
    ['sla_hours', { sla_hours: 1e9 }],
    ['sla_hours', { sla_hours: '4' }],
    ['color_code', { color_code: 'red' }],
    ['color_code', { color_code: '#12345' }],
    ['color_code', { color_code: '#1234567' }],
    ['color_code', { color_code: null }],
    ['rank', { rank: 0 }],
    ['rank', { rank: 1.5 }],
    ['rank', { rank: 1e12 }],
    ['slug', { slug: 'another' }],
  ]
  await refusesBodies(t, desk, (body) => admin('POST', '/config/priorities', { ...fine, ...body }), [
    ...bodies,
    ['sla_hours', { sla_hours: null }],
  ])
  const { id } = await named('Medium')
  await refusesBodies(
    t,
    desk,
    (body) => admin('PUT', `/config/priorities/${id}`, { ...fine, rank: 1, ...body }),
    [...bodies, ['sla_hours', { sla_hours: null }]],
  )
  await refusesBodies(t, desk, (body) => admin('POST', '/config/priorities', body), [
    ['name', { color_code: '#ffffff' }],
    ['color_code', { name: 'Colourless' }],
  ])
})

t.test('names are taken whatever their case, spaces and dashes', async (t) => {
  const before = await contentOf(desk)
  for (const name of ['Critical', 'critical', ' CRITICAL ', 'very-HIGH', 'very_high']) {
    isProblem(t, await admin('POST', '/config/priorities', { name, ...RED }), 409, 'already_exists', name)
    const { id } = await named('Medium')
    isProblem(t, await admin('PUT', `/config/priorities/${id}`, { name }), 409, 'already_exists', name)
  }
  t.same(await contentOf(desk), before)
  const { id } = await named('Very high')
  t.equal((await admin('PUT', `/config/priorities/${id}`, { name: 'VERY HIGH' })).json().name, 'VERY HIGH')
})

t.test('deleted with its own policy, unless it is in use', async (t) => {
  const { id: used } = await named('VERY HIGH')
  await refusesInUse(t, desk, () => admin('DELETE', `/config/priorities/${used}`), /1 tickets/)
  const { id } = await named('Medium')
  const particular = { name: 'Medium mail', priority: 'Medium', category: 'Email' }
  const targets = { first_response_minutes: 1, resolution_minutes: 2 }
  const policy = (await admin('POST', '/config/sla-policies', { ...particular, ...targets })).json()
  await refusesInUse(t, desk, () => admin('DELETE', `/config/priorities/${id}`), /1 SLA policies/)
  await admin('DELETE', `/config/sla-policies/${policy.id}`)
  t.same((await admin('DELETE', `/config/priorities/${id}`)).json(), { message: 'Priority deleted' })
  t.same(await names(), ['1 Critical', '2 VERY HIGH', '3 High', '4 Whenever', '5 Idea'])
  isProblem(t, await admin('DELETE', `/config/priorities/${id}`), 404, 'not_found')
  isProblem(t, await admin('PUT', `/config/priorities/${id}`, { rank: 1 }), 404, 'not_found')
  const policies = (await admin('GET', '/config/sla-policies')).json()
  t.notOk(policies.some(({ name }: Priority) => name === 'Medium'))
  t.equal((await makeTicket(requester)).priority, 'Idea', 'the default is gone: the least urgent')
})
