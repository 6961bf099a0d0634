import type { Metric, Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { type Notification, notify, supervisorIds } from '../alerts/notify.ts'
import { appendEvents } from '../tickets/events.ts'
import { ticketRef } from '../tickets/ticket-id.ts'

/** A clock whose warning or breach is to be recorded; its row is locked by the caller. */
export interface DueClock extends Record<string, unknown> {
  id: number
  ticket_id: number
  metric: Metric
  /** When the target was reached, as text or ISO. */
  due_at: string
  title: string
  priority: string
  assigned_to: number | null
}

const METRIC_NAMES: Record<Metric, string> = { first_response: 'first response', resolution: 'resolution' }

/**
 * Records breaches at the instants they were due: on the clock, in its log, on the timeline, as alerts to the
 * assignee and all supervisors, as mail. The sweep and every change that settles a clock come through here.
 */
export async function recordBreaches(tx: Tx, due: readonly DueClock[], now: Date): Promise<void> {
  if (due.length === 0) return
  await tx.execute(sql`
    WITH marked AS (
      UPDATE sla_clocks SET breached_at = due_at, event_seq = event_seq + 1
      WHERE id = ANY (string_to_array(${due.map((clock) => clock.id).join(',')}, ',')::bigint[]) AND breached_at IS NULL
      RETURNING id, event_seq, due_at
    )
    INSERT INTO sla_clock_events (clock_id, seq, type, at) SELECT id, event_seq, 'breach', due_at FROM marked`)
  const seqs = await appendEvents(
    tx,
    due.map((clock) => ({
      ticketId: clock.ticket_id,
      type: 'sla_breach' as const,
      actorId: null,
      at: now,
      isInternal: true,
      data: { metric: clock.metric, due_at: new Date(clock.due_at).toISOString() },
    })),
  )
  const supervisors = await supervisorIds(tx)
  const names = await namesOf(tx, due)
  await notify(
    tx,
    due.flatMap((clock, n) =>
      audience(clock, supervisors).map(
        (userId): Notification => ({
          userId,
          type: 'sla_violation',
          ticketId: clock.ticket_id,
          at: now,
          eventSeq: seqs[n],
          title: `${ticketRef(clock.ticket_id)} missed its ${METRIC_NAMES[clock.metric]} target`,
          message: clock.title,
          mail: {
            template: 'sla_violation',
            params: {
              title: clock.title,
              priority: clock.priority,
              metric: clock.metric,
              assignee: clock.assigned_to === null ? null : (names.get(clock.assigned_to) ?? null),
              due_at: new Date(clock.due_at).toISOString(),
            },
          },
        }),
      ),
    ),
  )
}

/** Records that clocks came near their target: the assignee is alerted. */
export async function recordWarnings(tx: Tx, near: readonly DueClock[], now: Date): Promise<void> {
  if (near.length === 0) return
  const at = now.toISOString()
  await tx.execute(sql`
    WITH marked AS (
      UPDATE sla_clocks SET warned_at = ${at}::timestamptz, event_seq = event_seq + 1
      WHERE id = ANY (string_to_array(${near.map((clock) => clock.id).join(',')}, ',')::bigint[]) AND warned_at IS NULL
      RETURNING id, event_seq
    )
    INSERT INTO sla_clock_events (clock_id, seq, type, at) SELECT id, event_seq, 'warn', ${at}::timestamptz FROM marked`)
  await appendEvents(
    tx,
    near.map((clock) => ({
      ticketId: clock.ticket_id,
      type: 'sla_warning' as const,
      actorId: null,
      at: now,
      isInternal: true,
      data: { metric: clock.metric, due_at: new Date(clock.due_at).toISOString() },
    })),
  )
  await notify(
    tx,
    near.flatMap((clock) => {
      if (clock.assigned_to === null) return []
      const title = `${ticketRef(clock.ticket_id)} is near its ${METRIC_NAMES[clock.metric]} target`
      const base = { ticketId: clock.ticket_id, at: now, message: clock.title }
      return [{ ...base, userId: clock.assigned_to, type: 'sla_warning' as const, title }]
    }),
  )
}

/** The names of the clocks' assignees. */
async function namesOf(tx: Tx, clocks: readonly DueClock[]): Promise<Map<number, string>> {
  const ids = [...new Set(clocks.flatMap((clock) => clock.assigned_to ?? []))].join(',')
  const rows = await tx.execute<{ id: number; name: string }>(
    sql`SELECT id, name FROM users WHERE id = ANY (string_to_array(${ids}, ',')::bigint[])`,
  )
  return new Map(rows.map((row) => [row.id, row.name]))
}

function audience(clock: DueClock, supervisors: readonly number[]): number[] {
  return [...new Set([...(clock.assigned_to === null ? [] : [clock.assigned_to]), ...supervisors])]
}
