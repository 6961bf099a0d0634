import { type ClockState, type Metric, type Tx, toDate } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { ClockEvent, ClockSnapshot } from './clock.ts'

interface ClockRecord extends Record<string, unknown> {
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

/** Both clocks of a ticket, locked. */
export async function lockClocks(tx: Tx, ticketId: number): Promise<ClockSnapshot[]> {
  const rows = await tx.execute<ClockRecord>(sql`
    SELECT id, ticket_id, metric, policy_id, target_seconds, warn_percent, calendar_version_id, state, elapsed_ms,
      running_since, warn_at, due_at, paused_at, warned_at, breached_at, stopped_at
    FROM sla_clocks WHERE ticket_id = ${ticketId} ORDER BY id FOR UPDATE`)
  return rows.map((row) => ({
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
  }))
}

/** Writes a clock's new state and appends to its log. */
export async function saveClock(tx: Tx, clock: ClockSnapshot, events: readonly ClockEvent[]): Promise<void> {
  const instant = (date: Date | null) => sql`${date?.toISOString() ?? null}::timestamptz`
  const log = JSON.stringify(
    events.map((event, n) => ({ n: n + 1, type: event.type, at: event.at, data: event.data ?? {} })),
  )
  await tx.execute(sql`
    WITH saved AS (
      UPDATE sla_clocks SET policy_id = ${clock.policyId}, target_seconds = ${clock.targetSeconds},
        warn_percent = ${clock.warnPercent}, calendar_version_id = ${clock.calendarVersionId},
        state = ${clock.state}, elapsed_ms = ${clock.elapsedMs}, running_since = ${instant(clock.runningSince)},
        warn_at = ${instant(clock.warnAt)}, due_at = ${instant(clock.dueAt)}, paused_at = ${instant(clock.pausedAt)},
        stopped_at = ${instant(clock.stoppedAt)}, event_seq = event_seq + ${events.length}
      WHERE id = ${clock.id} RETURNING id, event_seq - ${events.length} AS seq
    )
    INSERT INTO sla_clock_events (clock_id, seq, type, at, data)
    SELECT saved.id, saved.seq + e.n, e.type, e.at, e.data
    FROM saved, jsonb_to_recordset(${log}::jsonb) AS e(n int, type text, at timestamptz, data jsonb)`)
}
