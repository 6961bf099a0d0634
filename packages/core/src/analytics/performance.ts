import { defineStatement, type Executor } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { type AgentIdentity, IS_AGENT, OPEN_BY_AGENT } from './agents.ts'
import { inGaps } from './days.ts'
import { breachedFacts, type Span } from './facts.ts'
import { hours } from './numbers.ts'
import type { Period } from './period.ts'
import { dividedSettled, settledBy } from './settled.ts'

/** What an agent got done in a period; a ticket counts for whoever has it now. */
export interface AgentPerformance extends AgentIdentity {
  /** Settled in the period, and settled still. */
  tickets_closed: number
  closed_tickets: number
  /** Open now. */
  active_tickets: number
  total_assigned: number
  /** Hours from creation to being settled, on average of those closed; null without one. */
  avg_handle_time: number | null
  /** Resolution clocks that breached in the period. */
  sla_violations: number
  rating: string
  performance_rating: string
  /** 10 a closed ticket, less 5 a violation, at least 0. */
  performance_score: number
}

interface PerformanceRow extends Record<string, unknown> {
  id: number
  name: string
  email: string
  role: string
  active: number
  closed: number
  handle_ms: number
  violations: number
}

const p = sql.placeholder
const PERIOD: Span = { since: sql`${p('from')}::timestamptz`, until: sql`${p('to')}::timestamptz` }

const performanceStatement = defineStatement<
  { from: string; to: string; supervisors: boolean; only: number | null },
  PerformanceRow
>(
  'agent_performance',
  sql`
  WITH ${dividedSettled(PERIOD)}, ${OPEN_BY_AGENT}, done AS MATERIALIZED (
    SELECT agent, sum(closed)::int AS closed, sum(handle_ms)::bigint AS handle_ms, sum(violations)::int AS violations
    FROM (
      SELECT key_id AS agent, settled AS closed, handle_ms, 0 AS violations FROM (${settledBy('agent')}) x
      UNION ALL
      SELECT d.key_id, 0, 0, d.clocks_breached
      FROM good JOIN stats_days d ON d.dimension = 'agent' AND d.day = good.day
      UNION ALL
      SELECT f.agent, 0, 0, 1 FROM ${inGaps(breachedFacts)}
    ) parts GROUP BY 1
  )
  SELECT u.id, u.name, u.email, u.role, coalesce(o.active, 0) AS active, coalesce(d.closed, 0) AS closed,
    coalesce(d.handle_ms, 0) AS handle_ms, coalesce(d.violations, 0) AS violations
  FROM agents a JOIN users u ON u.id = a.user_id
  LEFT JOIN open o ON o.agent = u.id LEFT JOIN done d ON d.agent = u.id
  WHERE ${IS_AGENT} AND (u.is_active OR d.closed > 0 OR d.violations > 0)
    AND (${p('only')}::bigint IS NULL OR u.id = ${p('only')}::bigint)
  ORDER BY u.id`,
)

/**
 * Every active agent, and who has left since but has something in the period.
 * @param options.only the one agent to answer for
 */
export async function agentPerformance(
  db: Executor,
  { from, to }: Period,
  options: { includeSupervisors: boolean; only: number | null },
): Promise<AgentPerformance[]> {
  const rows = await performanceStatement.run(db, {
    from: from.toISOString(),
    to: to.toISOString(),
    supervisors: options.includeSupervisors,
    only: options.only,
  })
  return rows.map(({ id, name, email, role, active, closed, handle_ms, violations }) => {
    const score = Math.max(0, 10 * closed - 5 * violations)
    const rating = ratingOf(score)
    return {
      agent_id: id,
      id,
      name,
      email,
      role,
      tickets_closed: closed,
      closed_tickets: closed,
      active_tickets: active,
      total_assigned: closed + active,
      avg_handle_time: closed === 0 ? null : hours(handle_ms / closed),
      sla_violations: violations,
      rating,
      performance_rating: rating,
      performance_score: score,
    }
  })
}

function ratingOf(score: number): string {
  if (score >= 50) return 'Excellent'
  if (score >= 30) return 'Good'
  return score >= 15 ? 'Average' : 'Needs Improvement'
}
