import type { Actor } from '@servicedesk/core'
import type { Test } from 'tap'
import type { CoreDesk } from '../helpers/desk.ts'
import * as oracle from './oracle.ts'
import { readRows } from './rows.ts'

/** A question about a period; instants in milliseconds. */
export interface Question {
  from: number
  to: number
  bucket: string
  tz: string
}

/** Asserts that every figure is what the oracle makes of the rows. */
export async function compareFigures(
  t: Test,
  desk: CoreDesk,
  supervisor: Actor,
  targets: Record<string, number>,
  { from, to, bucket, tz }: Question,
): Promise<void> {
  const { analytics, tickets } = desk.core
  const now = desk.clock.now().getTime()
  const rows = await readRows(desk.db)
  const period = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), tz }
  const what = (name: string) => `${name} ${JSON.stringify({ ...period, bucket })}`
  const is = (name: string, found: unknown, wanted: unknown) => t.same(found, wanted, what(name))

  is('adherence', await analytics.adherence(period), oracle.adherence(rows, from, to))
  is('dashboard', await analytics.slaDashboard(), oracle.dashboard(rows, now, targets))
  is('workload', await analytics.agentWorkload(), oracle.workload(rows))
  is('performance', await analytics.agentPerformance(supervisor, period), oracle.performance(rows, from, to))
  is('status counts', await analytics.statusCounts(), oracle.statusCounts(rows))
  is('ticket stats', await tickets.stats(supervisor), oracle.ticketStats(rows))
  is('violations', await analytics.slaViolations(20), oracle.violations(rows, now, 20))
  is('unassigned', await analytics.unassignedTickets(5), oracle.unassigned(rows, now, 5))
  is(
    'volume',
    (await analytics.volume({ ...period, bucket })).buckets,
    oracle.volume(rows, now, from, to, bucket, tz),
  )
  const { buckets, ...ageing } = await analytics.ticketAging()
  const shown = Object.values(buckets).map((some) => some.map((ticket) => [ticket.id, ticket.hours_old]))
  is('ageing', { ...ageing, shown }, oracle.ages(rows, now))
}
