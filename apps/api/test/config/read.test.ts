import assert from 'node:assert/strict'
import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const user = sender(desk, await desk.person('Normal User'))
const read = async (name: string) => {
  const answer = await user('GET', `/config/${name}`)
  assert.equal(answer.statusCode, 200, name)
  return answer.json()
}

t.test('priorities with their targets and colours', async (t) => {
  const rows = await read('priorities')
  t.same(
    rows.map(({ id, ...row }: { id: number }) => row),
    [
      { name: 'Critical', sla_hours: 4, color_code: '#dc2626', rank: 1 },
      { name: 'High', sla_hours: 8, color_code: '#ea580c', rank: 2 },
      { name: 'Medium', sla_hours: 24, color_code: '#ca8a04', rank: 3 },
      { name: 'Low', sla_hours: 72, color_code: '#16a34a', rank: 4 },
    ],
  )
  for (const { id } of rows) t.type(id, 'number')
})

t.test('statuses, categories and roles', async (t) => {
  const statuses = await read('statuses')
  t.same(
    statuses.map((row: Record<string, unknown>) => [row.name, row.class, row.is_closed_status]),
    [
      ['New', 'new', false],
      ['Open', 'open', false],
      ['In Progress', 'open', false],
      ['Pending', 'pending', false],
      ['Resolved', 'resolved', true],
      ['Closed', 'closed', true],
    ],
  )
  const categories = await read('categories')
  t.same(
    categories.map(({ name }: { name: string }) => name),
    ['Hardware', 'Software', 'Network', 'Access', 'Email', 'Security', 'Other'],
  )
  const roles = await read('roles')
  t.same(
    roles.map(({ name }: { name: string }) => name),
    ['Normal User', 'Technical User', 'Technical Supervisor', 'System Admin'],
  )
  for (const { permissions, description } of roles) t.ok(Array.isArray(permissions) && description !== '')
})

t.test('transitions as the contract has them', async (t) => {
  const table: Record<string, string[]> = {}
  for (const { from, to, roles } of await read('transitions')) {
    table[from] = [...(table[from] ?? []), to]
    const requestersMay = to === 'Closed' || from === 'Resolved' || from === 'Closed'
    t.equal(roles.includes('Normal User'), requestersMay, `${from} to ${to}`)
    t.ok(roles.includes('Technical User') && roles.includes('System Admin'))
  }
  t.same(table, {
    New: ['Open', 'In Progress', 'Pending', 'Resolved', 'Closed'],
    Open: ['In Progress', 'Pending', 'Resolved', 'Closed'],
    'In Progress': ['Open', 'Pending', 'Resolved', 'Closed'],
    Pending: ['Open', 'In Progress', 'Resolved', 'Closed'],
    Resolved: ['Open', 'Closed'],
    Closed: ['Open'],
  })
})

t.test('calendars, teams, policies and the assignment settings', async (t) => {
  const [calendar] = await read('calendars')
  t.match(calendar, { name: '24x7', time_zone: 'UTC', holidays: [] })
  t.same(
    calendar.intervals,
    [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start: '00:00', end: '24:00' })),
  )
  t.same(await read('teams'), [])
  t.match(await read('assignment'), { strategy: 'workload', include_supervisors: true })
  const policies = await read('sla-policies')
  t.same(
    policies.map((each: Record<string, unknown>) => [
      each.priority,
      each.first_response_minutes,
      each.resolution_minutes,
      each.warning_percent,
    ]),
    [
      ['Critical', 30, 240, 80],
      ['High', 60, 480, 80],
      ['Medium', 240, 1_440, 80],
      ['Low', 480, 4_320, 80],
    ],
  )
})

t.test('for whoever is signed in, and nobody else', async (t) => {
  const nobody = sender(desk)
  for (const name of ['priorities', 'statuses', 'categories', 'roles', 'transitions', 'sla-policies']) {
    isProblem(t, await nobody('GET', `/config/${name}`), 401, 'unauthenticated', name)
  }
  isProblem(t, await user('GET', '/config/nothing'), 404, 'not_found')
})
