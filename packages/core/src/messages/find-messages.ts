import type { Executor } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { type LogReader, numberFor } from '../tickets/event-log.ts'
import type { MessageRow } from './message-view.ts'

const columns = sql.raw(`m.id, m.ticket_id, m.sender_id, u.name AS sender_name, u.role AS sender_role, m.body,
      m.is_internal, m.reply_to, m.image_url, m.created_at, m.updated_at`)

/** A message with its number in the ticket's log, as its reader counts. */
export type LoggedMessage = MessageRow & { seq: number }

/** Messages of a ticket, oldest first; internal ones only for staff. */
export async function findMessages(
  db: Executor,
  ticketId: number,
  reader: LogReader,
): Promise<LoggedMessage[]> {
  return db.execute<LoggedMessage>(sql`
    SELECT coalesce(${numberFor(reader)}, 0) AS seq, ${columns}
    FROM messages m JOIN users u ON u.id = m.sender_id
    LEFT JOIN ticket_events e ON e.message_id = m.id AND e.type = 'message'
    WHERE m.ticket_id = ${ticketId} AND (${reader.isStaff} OR NOT m.is_internal)
    ORDER BY seq, m.id`)
}

/** These messages, which the caller may read, by id. */
export async function findMessagesById(
  db: Executor,
  ids: readonly number[],
): Promise<Map<number, MessageRow>> {
  if (ids.length === 0) return new Map()
  const rows = await db.execute<MessageRow>(sql`
    SELECT ${columns} FROM messages m JOIN users u ON u.id = m.sender_id
    WHERE m.id = ANY (string_to_array(${ids.join(',')}, ',')::bigint[])`)
  return new Map(rows.map((row) => [row.id, row]))
}
