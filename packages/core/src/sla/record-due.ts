import type { Changes } from '@servicedesk/db'
import { BIRTH_LEASE_SECONDS } from '@servicedesk/jobs/emit'
import { type SQL, sql } from 'drizzle-orm'

const METRIC_NAME = sql.raw(`CASE d.metric WHEN 'first_response' THEN 'first response' ELSE 'resolution' END`)

/** What is recorded of a clock: the column that keeps it, the instant, its entry in both logs. */
export interface Mark {
  column: SQL
  /** Of the clock's own log; an expression over its row `k`. */
  at: SQL
  clockEvent: 'breach' | 'warn'
  ticketEvent: 'sla_breach' | 'sla_warning'
}

/**
 * The parts of a statement that write a mark on every clock, its log and the timeline, numbered as `appendEvents` would.
 * `due` is the clocks with what is to be told of their tickets; `noted` adds the event's `event_seq` and the words that
 * alerts use. The clocks and their tickets are locked by the caller.
 */
export function markClocks(clockIds: readonly number[], mark: Mark, now: Date): SQL {
  const at = sql`${now.toISOString()}::timestamptz`
  return sql`due AS MATERIALIZED (
      SELECT k.id, k.ticket_id, k.metric, k.due_at, k.policy_id, t.title, t.assigned_to, t.priority_id
      FROM sla_clocks k JOIN tickets t ON t.id = k.ticket_id
      WHERE k.id = ANY (string_to_array(${clockIds.join(',')}, ',')::bigint[]) AND ${mark.column} IS NULL
    ), marked AS (
      UPDATE sla_clocks k SET ${mark.column} = ${mark.at}, event_seq = k.event_seq + 1
      FROM due WHERE k.id = due.id
      RETURNING k.id, k.event_seq, ${mark.at} AS at
    ), logged AS (
      INSERT INTO sla_clock_events (clock_id, seq, type, at)
      SELECT id, event_seq, ${mark.clockEvent}, at FROM marked
    ), bumped AS (
      UPDATE tickets t SET event_seq = t.event_seq + m.many, version = t.version + 1,
        updated_at = greatest(t.updated_at, ${at})
      FROM (SELECT ticket_id, count(*)::int AS many FROM due GROUP BY ticket_id) m WHERE t.id = m.ticket_id
      RETURNING t.id, t.event_seq - m.many AS seq
    ), noted AS MATERIALIZED (
      SELECT d.*, b.seq + row_number() OVER (PARTITION BY d.ticket_id ORDER BY d.due_at, d.id) AS event_seq,
        'TKT-' || d.ticket_id AS ref, ${METRIC_NAME} AS metric_name,
        to_char(d.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS due_iso
      FROM due d JOIN bumped b ON b.id = d.ticket_id
    ), appended AS (
      INSERT INTO ticket_events (ticket_id, seq, type, data, created_at)
      SELECT ticket_id, event_seq, ${mark.ticketEvent}, jsonb_build_object('metric', metric, 'due_at', due_iso), ${at}
      FROM noted
    )`
}

/**
 * People who are told, with what they prefer of such alerts: `id, email, supervises, in_app, by_mail`. Violations are
 * mailed to whom does not say otherwise, warnings to who asks for it.
 */
export function peopleTold(alertType: 'sla_violation' | 'sla_warning', ids: SQL): SQL {
  const isMailed = sql.raw(String(alertType === 'sla_violation'))
  return sql`people AS MATERIALIZED (
      SELECT u.id, u.email, u.role = 'Technical Supervisor' AS supervises,
        coalesce(np.in_app, true) AS in_app, coalesce(np.email, ${isMailed}) AS by_mail
      FROM users u LEFT JOIN notification_preferences np ON np.user_id = u.id AND np.alert_type = ${alertType}
      WHERE u.is_active AND u.id IN (${ids})
    )`
}

/** Until when a row that a statement writes into the outbox is left to the process that wrote it. */
export const birthLease = sql.raw(`now() + make_interval(secs => ${BIRTH_LEASE_SECONDS})`)

/** What a statement of `markClocks` changed, as {@link selectNotes} answers it. */
export interface DueNotes extends Record<string, unknown> {
  /** Pairs of a ticket's id and the `seq` of its event. */
  events: [ticketId: number, seq: number][] | null
  /** Pairs of an alert's id and its person. */
  alerts: [id: number, userId: number][] | null
}

/** The columns of {@link DueNotes}, after a part `alerted` that returns the alerts' `id` and `user_id`. */
export const selectNotes =
  sql.raw(`(SELECT json_agg(json_build_array(ticket_id, event_seq)) FROM noted) AS events,
      (SELECT json_agg(json_build_array(id, user_id)) FROM alerted) AS alerts`)

export function notesOf(row: DueNotes | undefined): Partial<Changes> {
  return {
    events: (row?.events ?? []).map(([ticketId, seq]) => ({ ticketId, seq })),
    alerts: (row?.alerts ?? []).map(([id, userId]) => ({ id, userId })),
  }
}
