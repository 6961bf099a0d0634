import type { Executor } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { type EventRow, visibleData } from './event-view.ts'

/** Who reads a log; requesters see what is public, numbered without gaps. */
export interface LogReader {
  isStaff: boolean
}

/** An event's number, of a row `e`, as the reader counts. */
export function numberFor(reader: LogReader): SQL {
  return reader.isStaff ? sql`e.seq` : sql`e.public_seq`
}

/** The log of a ticket behind `afterSeq`, in the reader's numbering and with what they may see of each event. */
export async function findEvents(
  db: Executor,
  ticketId: number,
  reader: LogReader,
  from: { afterSeq: number; limit: number | null } = { afterSeq: 0, limit: null },
): Promise<EventRow[]> {
  const number = numberFor(reader)
  const rows = await db.execute<EventRow>(sql`
    SELECT ${number} AS seq, e.type, e.actor_id, u.name AS actor_name, e.data, e.message_id, e.attachment_id, e.created_at
    FROM ticket_events e LEFT JOIN users u ON u.id = e.actor_id
    WHERE e.ticket_id = ${ticketId} AND ${number} > ${from.afterSeq}
    ORDER BY ${number} LIMIT ${from.limit}`)
  return rows.map((row) => ({ ...row, data: visibleData(row.type, row.data, reader) }))
}
