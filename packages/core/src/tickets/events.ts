import { noteChanges, runPrepared, type Tx } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'

export type TicketEventType =
  | 'ticket_created'
  | 'file_uploaded'
  | 'file_updated'
  | 'file_deleted'
  | 'file_infected'
  | 'file_scan_failed'
  | 'message'
  | 'title_changed'
  | 'description_changed'
  | 'status_changed'
  | 'priority_changed'
  | 'category_changed'
  | 'team_changed'
  | 'assigned'
  | 'unassigned'
  | 'escalated'
  | 'sla_warning'
  | 'sla_breach'
  | 'mail_sent'
  | 'watcher_added'
  | 'watcher_removed'
  | 'ticket_deleted'

/** Something that happened to a ticket. */
export interface NewEvent {
  ticketId: number
  type: TicketEventType
  /** Null when the desk itself acted. */
  actorId: number | null
  at: Date
  data?: Record<string, unknown>
  /** Hidden from requesters; it takes no public number. */
  isInternal?: boolean
  /** It changes nothing that the ticket itself shows: version and `updated_at` stay. */
  isQuiet?: boolean
  messageId?: number
  attachmentId?: string
}

/** Columns of the tickets that events are written of. */
export interface TicketRowChange {
  /** `column = expression, …`, over the ticket's row `t` and the row of `rows`. */
  set: SQL
  /** `… AS x(ticket_id, …)`: a row a ticket. */
  rows: SQL
}

/**
 * Appends events to the logs of their tickets, numbered without gaps in the order given, and moves each
 * ticket's version and `updated_at` unless all of them are quiet: whatever changes what a ticket shows has an event.
 * One statement for any number of tickets. The update of the ticket row is what orders concurrent writers.
 * @param change what else is written into the ticket rows, so that each is written once and not twice
 * @returns each event's `seq`, in the order given
 */
export async function appendEvents(
  tx: Tx,
  events: readonly NewEvent[],
  change?: TicketRowChange,
): Promise<number[]> {
  if (events.length === 0) return []
  const input = JSON.stringify(
    events.map((event, n) => ({
      n,
      ticket_id: event.ticketId,
      type: event.type,
      actor_id: event.actorId,
      at: event.at,
      data: event.data ?? {},
      is_public: event.isInternal !== true,
      is_loud: event.isQuiet !== true,
      message_id: event.messageId ?? null,
      attachment_id: event.attachmentId ?? null,
    })),
  )
  const rows = await runPrepared<{ ticket_id: number; seq: number }>(
    tx,
    sql`
    WITH input AS (
      SELECT * FROM jsonb_to_recordset(${input}::jsonb) AS e(n int, ticket_id bigint, type text, actor_id bigint,
        at timestamptz, data jsonb, is_public boolean, is_loud boolean, message_id bigint, attachment_id uuid)
    ), many AS (
      SELECT ticket_id, count(*)::int AS all_of_it, (count(*) FILTER (WHERE is_public))::int AS public,
        bool_or(is_loud)::int AS loud, max(at) FILTER (WHERE is_loud) AS at
      FROM input GROUP BY ticket_id
    ), bumped AS (
      UPDATE tickets t SET event_seq = t.event_seq + many.all_of_it, public_seq = t.public_seq + many.public,
        version = t.version + many.loud, updated_at = greatest(t.updated_at, many.at)
        ${change === undefined ? sql`` : sql`, ${change.set}`}
      FROM many ${change === undefined ? sql`` : sql`JOIN ${change.rows} USING (ticket_id)`} WHERE t.id = many.ticket_id
      RETURNING t.id, t.event_seq - many.all_of_it AS seq, t.public_seq - many.public AS public_seq
    )
    INSERT INTO ticket_events (ticket_id, seq, public_seq, type, actor_id, data, message_id, attachment_id, created_at)
    SELECT i.ticket_id, b.seq + row_number() OVER in_ticket,
      CASE WHEN i.is_public THEN b.public_seq + sum(i.is_public::int) OVER in_ticket END,
      i.type, i.actor_id, i.data, i.message_id, i.attachment_id, i.at
    FROM input i JOIN bumped b ON b.id = i.ticket_id
    WINDOW in_ticket AS (PARTITION BY i.ticket_id ORDER BY i.n)
    RETURNING ticket_id, seq`,
  )
  noteChanges(tx, { events: rows.map((row) => ({ ticketId: row.ticket_id, seq: row.seq })) })
  return seqsInOrder(events, rows)
}

/** RETURNING has no order of its own; within a ticket the numbers rise in the order of the events. */
function seqsInOrder(
  events: readonly NewEvent[],
  rows: readonly { ticket_id: number; seq: number }[],
): number[] {
  const next = new Map<number, number>()
  for (const { ticket_id, seq } of rows) {
    next.set(ticket_id, Math.min(seq, next.get(ticket_id) ?? Number.POSITIVE_INFINITY))
  }
  return events.map(({ ticketId }) => {
    const seq = next.get(ticketId)
    if (seq === undefined) throw new Error(`no event of ticket ${ticketId} was written`)
    next.set(ticketId, seq + 1)
    return seq
  })
}
