import { slaPolicies } from '@servicedesk/db'
import { createTestClock, createTestDesk, rollUp } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { makeTicket, sender } from '../helpers/send.ts'

const HOUR = 3_600_000
const clock = createTestClock(new Date('2026-03-27T12:00:00Z'))
const desk = await createTestDesk(t, { clock })
const supervisor = await desk.person('Technical Supervisor', { name: 'Susan Hill' })
const agent = await desk.person('Technical User', {
  name: 'Ada Byrne',
  email: 'ada@test.example',
  maxTickets: 3,
})
const requester = await desk.person('Normal User')
const [asSupervisor, asAgent, asRequester] = [supervisor, agent, requester].map((each) => sender(desk, each))
const get = async (path: string) => (await asSupervisor!('GET', path)).json()
/** Low, Medium, High, Critical: each an hour to resolve. */
const ids: Record<string, number> = {}

t.before(async () => {
  await desk.db.update(slaPolicies).set({ resolutionSeconds: 3_600, changedAt: new Date('2026-01-01') })
  await desk.db.execute(sql`UPDATE calendar_versions SET created_at = '2026-01-01'`)
  const change = (id: number, changes: object) => asAgent!('PATCH', `/tickets/${id}`, changes)
  // Friday noon: three tickets, of which two are done in half an hour, one of them late on Sunday.
  for (const priority of ['Critical', 'High', 'Low']) {
    ids[priority] = (await makeTicket(asRequester!, { priority })).id
    await change(ids[priority], { assigned_to: agent.id })
  }
  clock.advance(HOUR / 2)
  await change(ids.Critical!, { status: 'Resolved' })
  // Sunday 02:00 in Berlin, when the clocks go on to 03:00.
  clock.advance(Date.parse('2026-03-29T01:00:00Z') - clock.now().getTime())
  await change(ids.High!, { status: 'Resolved' })
  // Monday noon: the first comes back, and a fourth is reported.
  clock.advance(Date.parse('2026-03-30T12:00:00Z') - clock.now().getTime())
  await change(ids.Critical!, { status: 'Open' })
  ids.Medium = (await makeTicket(asRequester!, { priority: 'Medium' })).id
  await makeTicket(asRequester!)
  const deleted = (await makeTicket(asRequester!)).id
  await sender(desk, await desk.person('System Admin'))('DELETE', `/tickets/${deleted}`)
  clock.advance(HOUR)
  await desk.core.sla.clocks(agent, ids.Low!)
  await desk.db.execute(sql`UPDATE sla_clocks SET breached_at = due_at WHERE due_at <= ${clock.now().toISOString()}
    AND metric = 'resolution' AND state = 'running' AND breached_at IS NULL`)
})

const tests: [name: string, test: (t: Test) => Promise<void>][] = []
/** A test that runs before anything is rolled up, and after everything is. */
const bothWays = (name: string, test: (t: Test) => Promise<void>) => void tests.push([name, test])

bothWays('adherence of a period', async (t) => {
  const path = '/analytics/sla-adherence?from=2026-03-29&to=2026-03-31&tz=Europe/Berlin'
  // High stopped late; Critical, Low and the two new ones were due by Monday 13:00.
  const answer = await get(path)
  t.same(answer, { sla_adherence: 0, total_tickets: 4, violations: 4, on_time: 0, trend: 'stable' })
  t.same(await get(path.replace('/analytics', '/tickets/analytics')), answer)
  const friday = await get('/analytics/sla-adherence?from=2026-03-27&to=2026-03-28')
  t.match(friday, { total_tickets: 2, violations: 2, on_time: 0, trend: 'stable' }, 'High and Low were due')
  t.same(await get('/analytics/sla-adherence?from=2025-01-01&to=2025-02-01'), {
    sla_adherence: null,
    total_tickets: 0,
    violations: 0,
    on_time: 0,
    trend: 'stable',
  })
})

bothWays('the dashboard', async (t) => {
  const { overall, priority_breakdown, average_resolution_times, sla_targets, time_analysis } =
    await get('/sla/realtime-adherence')
  t.same(overall, {
    total_tickets: 5,
    closed_met_sla: 0,
    closed_violated_sla: 1,
    closed_adherence_percentage: 0,
    open_violated: 4,
    open_at_risk: 0,
  })
  t.same(priority_breakdown.High, { met_sla: 0, violated_sla: 1, adherence_percentage: 0, target_hours: 1 })
  t.same(priority_breakdown.Low, { met_sla: 0, violated_sla: 0, adherence_percentage: null, target_hours: 1 })
  t.same(average_resolution_times.High, { average_hours: 37, target_hours: 1, within_target: false })
  t.same(average_resolution_times.Low, { average_hours: null, target_hours: 1, within_target: null })
  t.same(sla_targets, { Critical: 1, High: 1, Medium: 1, Low: 1 })
  t.match(time_analysis.last_30d, { met_sla: 0 })
})

bothWays('workload and performance of agents', async (t) => {
  const identity = (of: typeof agent) => ({
    agent_id: of.id,
    id: of.id,
    name: of.name,
    email: of.email,
    role: of.role,
  })
  const ada = {
    ...identity(agent),
    ticket_count: 3,
    active_tickets: 2,
    pending_tickets: 0,
    closed_tickets: 1,
    max_tickets: 3,
    utilization: 66.7,
  }
  t.same((await get('/analytics/agent-workload'))[1], ada)
  t.match((await get('/analytics/agent-workload'))[0], {
    ...identity(supervisor),
    ticket_count: 0,
    utilization: 0,
  })
  const done = {
    ...identity(agent),
    tickets_closed: 1,
    closed_tickets: 1,
    active_tickets: 2,
    total_assigned: 3,
    avg_handle_time: 37,
    sla_violations: 1,
    rating: 'Needs Improvement',
    performance_rating: 'Needs Improvement',
    performance_score: 5,
  }
  const period = '?from=2026-03-29T01:00Z&to=2026-03-30T12:00Z'
  for (const path of [
    '/analytics/agent-performance',
    '/analytics/agent-performance-detailed',
    '/agents/performance',
  ]) {
    t.match((await get(path + period))[1], { ...done, sla_violations: 0, performance_score: 10 }, path)
    t.same((await asAgent!('GET', path + period)).json().length, 1, `${path}: one's own`)
  }
})

bothWays('how many there are, and how old', async (t) => {
  t.same(await get('/analytics/ticket-status-counts'), { open: 4, pending: 0, closed: 1 })
  t.match(await get('/tickets/stats'), { total: 5, resolved: 1, unassigned: 2, sla_violated: 5 })
  const ageing = await get('/analytics/ticket-aging')
  t.same(ageing.aging_data, [
    { age_range: '0-24h', count: 2 },
    { age_range: '24-48h', count: 0 },
    { age_range: '48-72h', count: 0 },
    { age_range: '72h+', count: 2 },
  ])
  t.match(ageing, { total_open_tickets: 4, average_age_hours: 37 })
  t.match(ageing.buckets['72h+'], [
    { id: ids.Critical, ticket_id: `TKT-${ids.Critical}`, sla_violated: true, hours_old: 73 },
    { id: ids.Low },
  ])
})

bothWays('volume in the hours, days and weeks of a zone', async (t) => {
  const days = await get('/analytics/volume?from=2026-03-27&to=2026-03-31&tz=Europe/Berlin')
  t.match(days, { bucket: 'day', tz: 'Europe/Berlin', from: '2026-03-26T23:00:00.000Z' })
  t.same(
    days.buckets.map((each: Record<string, unknown>) => Object.values(each)),
    [
      ['2026-03-26T23:00:00.000Z', '2026-03-27T23:00:00.000Z', '2026-03-27', 3, 1, 0, 2],
      ['2026-03-27T23:00:00.000Z', '2026-03-28T23:00:00.000Z', '2026-03-28', 0, 0, 0, 2],
      ['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z', '2026-03-29', 0, 1, 0, 1],
      ['2026-03-29T22:00:00.000Z', '2026-03-30T22:00:00.000Z', '2026-03-30', 2, 0, 1, 4],
    ],
  )
  const hours = await get('/analytics/volume?from=2026-03-29&to=2026-03-30&tz=Europe/Berlin&bucket=hour')
  t.equal(hours.buckets.length, 23)
  t.match(hours.buckets[2], { label: '2026-03-29T03:00+02:00', resolved: 1, backlog: 1 })
  const weeks = await get('/analytics/volume?bucket=week&to=2026-04-06')
  t.match(
    weeks.buckets.at(0),
    { label: '2026-03-02', created: 0, backlog: 0 },
    'from the Monday of 30 days ago',
  )
  t.match(weeks.buckets.at(-1), { label: '2026-03-30', created: 2, reopened: 1, backlog: 4 })
  const empty = await get('/analytics/volume?from=2020-01-01&to=2020-02-01&bucket=month')
  t.same(
    empty.buckets.map((each: { label: string; backlog: number }) => [each.label, each.backlog]),
    [['2020-01', 0]],
  )
})

bothWays('volume of what has not begun is nothing, and no backlog', async (t) => {
  // It is 13:00 on Monday.
  const { buckets } = await get('/analytics/volume?from=2026-03-29&to=2026-04-03&bucket=day')
  t.same(
    buckets.map((each: Record<string, unknown>) => Object.values(each).slice(2)),
    [
      ['2026-03-29', 0, 1, 0, 1],
      ['2026-03-30', 2, 0, 1, 4],
      ...['2026-03-31', '2026-04-01', '2026-04-02'].map((label) => [label, 0, 0, 0, null]),
    ],
  )
  const hours = await get('/analytics/volume?from=2026-03-30T11:00Z&to=2026-03-30T16:00Z&bucket=hour')
  t.same(
    hours.buckets.map((each: { backlog: unknown }) => each.backlog),
    [1, 4, 4, null, null],
  )
})

bothWays('volume of the last 30 days, in buckets of any length', async (t) => {
  for (const [bucket, length] of [
    ['hour', 720],
    ['day', 31],
    ['week', 6],
    ['month', 2],
  ] as const) {
    t.equal((await get(`/analytics/volume?bucket=${bucket}`)).buckets.length, length, bucket)
  }
  for (const query of ['bucket=hour&from=2026-02-01', 'from=2020-01-01', 'bucket=month&from=1900-01-01']) {
    const refused = await asSupervisor!('GET', `/analytics/volume?${query}`)
    t.match(refused, { statusCode: 400 }, query)
    t.match(refused.json().errors, [{ path: 'bucket', message: /from and to/ }], query)
  }
})

for (const [name, test] of tests) t.test(`${name}, counted`, test)
t.test('all of it is rolled up', async (t) => {
  // Nothing happened since.
  await desk.db.execute(sql`INSERT INTO stats_rolled (day, end_xid, rolled_at)
    SELECT day, 0, now() FROM generate_series(date '2026-03-31', now() - interval '1 day', interval '1 day') day`)
  t.equal(await rollUp(desk.db), 4)
})
for (const [name, test] of tests) t.test(`${name}, rolled up`, test)

t.test('broken promises, newest first', async (t) => {
  const rows = await get('/analytics/sla-violations')
  const late = rows.filter((row: { metric: string }) => row.metric === 'resolution')
  t.same(late.map((row: { id: number }) => row.id).slice(-2), [ids.Low, ids.High])
  const high = late.find((row: { id: number }) => row.id === ids.High)
  t.same(high, {
    id: ids.High,
    ticket_id: `TKT-${ids.High}`,
    title: 'Printer is jammed',
    priority: 'High',
    category: 'Other',
    status: 'Resolved',
    created_by: requester.id,
    assigned_to: agent.id,
    created_at: '2026-03-27T12:00:00.000Z',
    metric: 'resolution',
    due_at: '2026-03-27T13:00:00.000Z',
    breached_at: '2026-03-27T13:00:00.000Z',
    hours_overdue: 36,
  })
  t.equal((await get('/analytics/sla-violations?limit=1')).length, 1)
})

t.test('overdue is counted in business time', async (t) => {
  // From 13:00 on Friday to 01:00 on Sunday, in a calendar of 9 to 17 on weekdays: four hours.
  await desk.db.execute(sql`
    WITH office AS (
      INSERT INTO calendar_versions (time_zone, intervals, holidays, created_at)
      SELECT 'UTC', jsonb_agg(jsonb_build_object('weekday', d, 'startMinute', 540, 'endMinute', 1020)), '[]', now()
      FROM generate_series(1, 5) d RETURNING id
    )
    UPDATE sla_clocks SET calendar_version_id = office.id FROM office
    WHERE ticket_id = ${ids.High} AND metric = 'resolution'`)
  const rows = await get('/analytics/sla-violations')
  t.match(
    rows.find((row: { id: number }) => row.id === ids.High),
    { hours_overdue: 4 },
  )
})

t.test('tickets that nobody has, oldest first', async (t) => {
  const { tickets } = await get('/analytics/unassigned-tickets')
  t.equal(tickets.length, 2)
  t.same(tickets[0], {
    id: `TKT-${ids.Medium}`,
    ticket_id: `TKT-${ids.Medium}`,
    title: 'Printer is jammed',
    priority: 'Medium',
    category: 'Other',
    status: 'New',
    created_at: '2026-03-30T12:00:00.000Z',
    hours_open: 1,
  })
  t.equal((await get('/analytics/unassigned-tickets?limit=1')).tickets.length, 1)
})
