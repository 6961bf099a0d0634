import { defineStatement, type Executor } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { divided, inGaps } from './days.ts'
import { breachedFacts, keptFacts, type Span } from './facts.ts'
import { percentage } from './numbers.ts'
import { EARLIEST, type Period } from './period.ts'

/** Resolution clocks that stopped or breached in a period. */
export interface Kept {
  /** Breached, in the period or before it. */
  violations: number
  /** The rest. */
  onTime: number
}

const p = sql.placeholder
const PERIOD: Span = { since: sql`${p('from')}::timestamptz`, until: sql`${p('to')}::timestamptz` }

// A clock that breaches in the period and stops in it is one; one that was late when the period began, and stops in it,
// counts again: all that were late at one instant are an index's answer, however long the period (IS TRUE, so that no
// other index seems to serve).
const keptStatement = defineStatement<{ from: string; to: string }, { on_time: number; violations: number }>(
  'sla_adherence',
  sql`
  WITH ${divided(PERIOD)}, counted AS (
    SELECT sum(d.clocks_kept) AS kept, sum(d.clocks_breached) AS breached
    FROM good JOIN stats_days d ON d.dimension = 'all' AND d.day = good.day
    UNION ALL
    SELECT (SELECT count(*) FROM ${inGaps(keptFacts)}),
      (SELECT count(*) FROM ${inGaps(breachedFacts)})
    UNION ALL
    SELECT 0, count(*) FROM sla_clocks k JOIN tickets t ON t.id = k.ticket_id AND t.deleted_at IS NULL
    WHERE k.metric = 'resolution' AND k.breached_at < k.stopped_at
      AND tstzrange(k.breached_at, k.stopped_at, '[]') @> ${PERIOD.since}
      AND (k.breached_at < ${PERIOD.since} AND k.stopped_at < ${PERIOD.until}) IS TRUE
  )
  SELECT sum(kept)::int AS on_time, sum(breached)::int AS violations FROM counted`,
)

/** Counts a period's clocks; deleted tickets have none. */
export async function keptIn(db: Executor, { from, to }: Period): Promise<Kept> {
  const [row] = await keptStatement.run(db, { from: from.toISOString(), to: to.toISOString() })
  return { violations: row?.violations ?? 0, onTime: row?.on_time ?? 0 }
}

/** How well promises for resolution were kept in a period, and whether better than in the one before it. */
export interface Adherence {
  /** Percentage of the clocks that were on time; null where there were none. */
  sla_adherence: number | null
  total_tickets: number
  violations: number
  on_time: number
  trend: 'improving' | 'stable' | 'declining'
}

/** By how many percentage points adherence must move to be a trend. */
const TREND_POINTS = 0.5

/** @see Adherence; the period before is as long and ends where this one begins */
export async function adherence(db: Executor, period: Period): Promise<Adherence> {
  const { from, to } = period
  const before = { from: new Date(Math.max(EARLIEST, 2 * from.getTime() - to.getTime())), to: from }
  const [now, then] = await Promise.all([keptIn(db, period), keptIn(db, before)])
  return {
    sla_adherence: adherenceOf(now),
    total_tickets: now.onTime + now.violations,
    violations: now.violations,
    on_time: now.onTime,
    trend: trendOf(adherenceOf(then), adherenceOf(now)),
  }
}

export function adherenceOf({ onTime, violations }: Kept): number | null {
  return percentage(onTime, onTime + violations)
}

function trendOf(before: number | null, now: number | null): Adherence['trend'] {
  if (before === null || now === null || Math.abs(now - before) <= TREND_POINTS) return 'stable'
  return now > before ? 'improving' : 'declining'
}
