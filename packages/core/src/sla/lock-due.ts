import type { Tx } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'

/** A clock `k` that can become due: the condition of the partial indexes. */
const RUNNING = sql.raw(`k.state = 'running' AND k.breached_at IS NULL`)

/** Which clocks are looked for, and in which order; each by a partial index of its own. */
export interface Search {
  condition: SQL
  order: SQL
}

/** Clocks whose target was reached by `now`. */
export function dueBy(now: Date): Search {
  return {
    condition: sql`${RUNNING} AND k.due_at <= ${now.toISOString()}::timestamptz`,
    order: sql`k.due_at`,
  }
}

/** Clocks that are to warn by `now`, and are not due yet: a warning of what is breached would say nothing new. */
export function nearBy(now: Date): Search {
  const at = sql`${now.toISOString()}::timestamptz`
  return {
    condition: sql`${RUNNING} AND k.warned_at IS NULL AND k.warn_at <= ${at} AND k.due_at > ${at}`,
    order: sql`k.warn_at`,
  }
}

/**
 * Whether any clock fits any of these searches. Each is asked in order, so that it goes by its index even where the
 * planner, for want of statistics, expects to find a clock anywhere.
 */
export async function anyClock(tx: Tx, searches: readonly Search[]): Promise<boolean> {
  const branches = searches.map(
    ({ condition, order }) =>
      sql`(SELECT k.id FROM sla_clocks k WHERE ${condition} ORDER BY ${order} LIMIT 1)`,
  )
  return (await tx.execute(sql`${sql.join(branches, sql` UNION ALL `)} LIMIT 1`)).length > 0
}

/** Clocks that were locked. */
export interface LockedClocks {
  many: number
  /** Those that are held against the rules in force. */
  ids: number[]
  /** The tickets of the others: policies or calendars were edited, and the edit has not reached them. */
  edited: number[]
}

/**
 * The policy in force for a ticket `t`, with the calendar's version that counts: `matchPolicy` and `targetOf` of these
 * rules in SQL.
 */
const IN_FORCE = sql.raw(`
  SELECT p.id, p.first_response_seconds, p.resolution_seconds, p.warn_percent,
    (SELECT max(v.id) FROM calendar_versions v WHERE v.calendar_id = p.calendar_id) AS version
  FROM sla_policies p
  WHERE p.is_active AND (p.priority_id IS NULL OR p.priority_id = d.priority_id)
    AND (p.category_id IS NULL OR p.category_id = d.category_id) AND (p.team_id IS NULL OR p.team_id = d.team_id)
  ORDER BY p.position LIMIT 1`)

/**
 * Locks up to `limit` clocks with their tickets. A ticket that somebody else has locked is left to whoever comes next.
 * The ticket is locked first: only who holds it may hold its clocks, so nobody ever waits for a clock.
 */
export async function lockClocksOf(
  tx: Tx,
  { condition, order }: Search,
  limit: number,
): Promise<LockedClocks> {
  const rows = await tx.execute<{ id: number; ticket_id: number; is_current: boolean }>(sql`
    WITH d AS MATERIALIZED (
      SELECT k.id, k.ticket_id, k.metric, k.policy_id, k.target_seconds, k.warn_percent, k.calendar_version_id,
        t.priority_id, t.category_id, t.team_id
      FROM sla_clocks k JOIN tickets t ON t.id = k.ticket_id
      WHERE ${condition}
      ORDER BY ${order} LIMIT ${limit}
      FOR NO KEY UPDATE OF t, k SKIP LOCKED
    )
    SELECT d.id, d.ticket_id, r.id IS NULL OR (d.policy_id = r.id AND d.warn_percent = r.warn_percent
      AND d.calendar_version_id = r.version AND d.target_seconds = CASE d.metric
        WHEN 'first_response' THEN r.first_response_seconds ELSE r.resolution_seconds END) AS is_current
    FROM d LEFT JOIN LATERAL (${IN_FORCE}) r ON true`)
  const edited = rows.filter((row) => !row.is_current)
  return {
    many: rows.length,
    ids: rows.filter((row) => row.is_current).map((row) => row.id),
    edited: [...new Set(edited.map((row) => row.ticket_id))],
  }
}
