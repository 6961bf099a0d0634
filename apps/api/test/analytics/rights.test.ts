import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const people = {
  requester: sender(desk, await desk.person('Normal User')),
  agent: sender(desk, await desk.person('Technical User')),
  supervisor: sender(desk, await desk.person('Technical Supervisor')),
  admin: sender(desk, await desk.person('System Admin')),
}

const FOR_STAFF = [
  '/analytics/sla-adherence',
  '/tickets/analytics/sla-adherence',
  '/sla/realtime-adherence',
  '/analytics/agent-workload',
  '/analytics/agent-performance',
  '/analytics/agent-performance-detailed',
  '/agents/performance',
  '/analytics/ticket-aging',
  '/analytics/sla-violations',
  '/analytics/ticket-status-counts',
  '/analytics/unassigned-tickets',
]
const FOR_SUPERVISORS = ['/analytics/volume']
const PERIODS = [...FOR_SUPERVISORS, '/analytics/sla-adherence', '/analytics/agent-performance']

t.test('staff read what their role may, requesters nothing', async (t) => {
  for (const path of [...FOR_STAFF, ...FOR_SUPERVISORS]) {
    isProblem(t, await sender(desk)('GET', path), 401, 'unauthenticated', path)
    isProblem(t, await people.requester('GET', path), 403, 'forbidden', path)
    for (const role of ['supervisor', 'admin'] as const)
      t.equal((await people[role]('GET', path)).statusCode, 200, `${role} ${path}`)
  }
  for (const path of FOR_STAFF) t.equal((await people.agent('GET', path)).statusCode, 200, path)
  for (const path of FOR_SUPERVISORS) isProblem(t, await people.agent('GET', path), 403, 'forbidden', path)
})

t.test('a desk without tickets has figures of nothing', async (t) => {
  const get = async (path: string) => (await people.admin('GET', path)).json()
  t.match(await get('/analytics/sla-adherence'), { sla_adherence: null, total_tickets: 0, trend: 'stable' })
  t.match(await get('/analytics/ticket-aging'), { total_open_tickets: 0, average_age_hours: null })
  t.match(await get('/sla/realtime-adherence'), {
    overall: { total_tickets: 0, closed_adherence_percentage: null },
    priority_breakdown: { Critical: { target_hours: 4, adherence_percentage: null } },
  })
  t.match((await get('/analytics/agent-performance'))[0], { avg_handle_time: null, performance_score: 0 })
  t.match((await get('/analytics/volume')).buckets[0], { created: 0, resolved: 0, reopened: 0, backlog: 0 })
  t.same(await get('/analytics/sla-violations'), [])
})

t.test('supervisors are agents unless a setting leaves them out', async (t) => {
  const roles = async (path: string) =>
    (await people.admin('GET', path)).json().map((row: { role: string }) => row.role)
  for (const path of ['/analytics/agent-workload', '/analytics/agent-performance'])
    t.same(await roles(path), ['Technical User', 'Technical Supervisor'])
  await people.admin('PUT', '/config/assignment', { include_supervisors: false })
  for (const path of ['/analytics/agent-workload', '/analytics/agent-performance'])
    t.same(await roles(path), ['Technical User'], path)
})

t.test('impossible periods, zones, buckets and limits are refused by name', async (t) => {
  const bad: [path: string, query: string][] = [
    ['from', 'from=2026-02-30'],
    ['from', 'from=soon'],
    ['from', 'from=2026-13-01T00:00Z'],
    ['from', 'from=9999-01-01'],
    ['to', 'from=2026-02-02&to=2026-02-02'],
    ['to', 'from=2026-02-02&to=2026-02-01'],
    ['to', 'to=2026-02-01T25:00Z'],
    ['tz', 'tz=Europe/Atlantis'],
    ['tz', 'tz=%2B02:00'],
    ['tz', `tz=${'x'.repeat(101)}`],
  ]
  for (const route of PERIODS) {
    for (const [path, query] of bad) {
      const what = `${route}?${query}`
      const { errors } = isProblem(t, await people.admin('GET', what), 400, 'validation_failed', what)
      t.equal(errors[0]?.path, path, what)
    }
  }
  for (const [path, what] of [
    ['bucket', '/analytics/volume?bucket=year'],
    ['bucket', '/analytics/volume?bucket='],
    ['bucket', '/analytics/volume?bucket=hour&from=2025-01-01&to=2026-01-01'],
    ['bucket', '/analytics/volume?from=0001-01-01&to=9999-12-30'],
    ['limit', '/analytics/sla-violations?limit=0'],
    ['limit', '/analytics/sla-violations?limit=1001'],
    ['limit', '/analytics/unassigned-tickets?limit=ten'],
  ] as const) {
    const { errors } = isProblem(t, await people.admin('GET', what), 400, 'validation_failed', what)
    t.equal(errors[0]?.path, path, what)
  }
  const widest = '/analytics/sla-adherence?from=0001-01-01&to=9999-12-30'
  t.equal((await people.admin('GET', widest)).statusCode, 200, widest)
})
