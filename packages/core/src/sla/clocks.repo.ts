import { type ClockState, type Metric, type Tx, toDate } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { ClockEvent, ClockSnapshot } from './clock.ts'

export interface ClockRecord extends Record<string, unknown> {
  id: number
  ticket_id: number
  metric: Metric
  policy_id: number
  target_seconds: number
  warn_percent: number
  calendar_version_id: number
  state: ClockState
  elapsed_ms: number
  running_since: string | null
  warn_at: string | null
  due_at: string | null
  paused_at: string | null
  warned_at: string | null
  breached_at: string | null
  stopped_at: string | null
}

/** The clocks of tickets whose rows the caller has locked, locked too. */
export async function lockClocks(tx: Tx, ticketIds: readonly number[]): Promise<ClockSnapshot[]> {
  const rows = await tx.execute<ClockRecord>(sql`
    SELECT id, ticket_id, metric, policy_id, target_seconds, warn_percent, calendar_version_id, state, elapsed_ms,
      running_since, warn_at, due_at, paused_at, warned_at, breached_at, stopped_at
    FROM sla_clocks WHERE ticket_id = ANY (string_to_array(${ticketIds.join(',')}, ',')::bigint[])
    ORDER BY id FOR UPDATE`)
  return rows.map(snapshotOf)
}

/** A clock's row as the rules know it. */
export function snapshotOf(row: ClockRecord): ClockSnapshot {
  return {
    id: row.id,
    ticketId: row.ticket_id,
    metric: row.metric,
    policyId: row.policy_id,
    targetSeconds: row.target_seconds,
    warnPercent: row.warn_percent,
    calendarVersionId: row.calendar_version_id,
    state: row.state,
    elapsedMs: row.elapsed_ms,
    runningSince: toDate(row.running_since),
    warnAt: toDate(row.warn_at),
    dueAt: toDate(row.due_at),
    pausedAt: toDate(row.paused_at),
    warnedAt: toDate(row.warned_at),
    breachedAt: toDate(row.breached_at),
    stoppedAt: toDate(row.stopped_at),
  }
}

/** A clock's new state and what led to it. */
export interface ChangedClock {
  clock: ClockSnapshot
  events: readonly ClockEvent[]
}

/** Writes clocks' new states and appends to their logs, in one statement for any number of them. */
export async function saveClocks(tx: Tx, changed: readonly ChangedClock[]): Promise<void> {
  if (changed.length === 0) return
  const rows = changed.map(({ clock, events }) => ({ ...columnsOf(clock), events: events.length }))
  const log = changed.flatMap(({ clock, events }) =>
    events.map(({ type, at, data = {} }, n) => ({ clock_id: clock.id, n: n + 1, type, at, data })),
  )
  await tx.execute(sql`
    WITH saved AS (
      UPDATE sla_clocks k SET policy_id = c.policy_id, target_seconds = c.target_seconds, warn_percent = c.warn_percent,
        calendar_version_id = c.calendar_version_id, state = c.state, elapsed_ms = c.elapsed_ms,
        running_since = c.running_since, warn_at = c.warn_at, due_at = c.due_at, paused_at = c.paused_at,
        warned_at = c.warned_at, stopped_at = c.stopped_at, event_seq = k.event_seq + c.events
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS c(id bigint, policy_id bigint, target_seconds int,
        warn_percent smallint, calendar_version_id bigint, state text, elapsed_ms bigint, running_since timestamptz,
        warn_at timestamptz, due_at timestamptz, paused_at timestamptz, warned_at timestamptz, stopped_at timestamptz,
        events int)
      WHERE k.id = c.id RETURNING k.id, k.event_seq - c.events AS seq
    )
    INSERT INTO sla_clock_events (clock_id, seq, type, at, data)
    SELECT saved.id, saved.seq + e.n, e.type, e.at, e.data
    FROM saved JOIN jsonb_to_recordset(${JSON.stringify(log)}::jsonb)
      AS e(clock_id bigint, n int, type text, at timestamptz, data jsonb) ON e.clock_id = saved.id`)
}

function columnsOf(clock: ClockSnapshot) {
  return {
    id: clock.id,
    policy_id: clock.policyId,
    target_seconds: clock.targetSeconds,
    warn_percent: clock.warnPercent,
    calendar_version_id: clock.calendarVersionId,
    state: clock.state,
    elapsed_ms: clock.elapsedMs,
    running_since: clock.runningSince,
    warn_at: clock.warnAt,
    due_at: clock.dueAt,
    paused_at: clock.pausedAt,
    warned_at: clock.warnedAt,
    stopped_at: clock.stoppedAt,
  }
}
