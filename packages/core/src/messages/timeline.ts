import type { Executor } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { type FileRow, fileInfo, formatSize, type LinkMaker } from '../files/file-view.ts'
import { describeEvent } from '../tickets/describe-event.ts'
import { ticketRef } from '../tickets/ticket-id.ts'
import { type MessageRow, messageView } from './message-view.ts'

/** Messages of a ticket, oldest first; internal ones only for staff. */
export async function findMessages(
  db: Executor,
  ticketId: number,
  withInternal: boolean,
): Promise<MessageRow[]> {
  return db.execute<MessageRow>(sql`
    SELECT m.id, m.ticket_id, m.sender_id, u.name AS sender_name, u.role AS sender_role, m.body, m.is_internal,
      m.reply_to, m.image_url, m.created_at, m.updated_at
    FROM messages m JOIN users u ON u.id = m.sender_id
    WHERE m.ticket_id = ${ticketId} AND (${withInternal} OR NOT m.is_internal)
    ORDER BY m.id`)
}

/** An event of a ticket's log with its actor's name. */
export interface EventRow extends Record<string, unknown> {
  /** As the caller numbers the log: requesters must not see from a gap that a note was written. */
  seq: number
  type: string
  actor_id: number | null
  actor_name: string | null
  data: Record<string, unknown>
  message_id: number | null
  attachment_id: string | null
  created_at: string
}

/** The log of a ticket behind `afterSeq`, in the caller's numbering; requesters see what is public. */
export async function findEvents(
  db: Executor,
  ticketId: number,
  options: { withInternal: boolean; afterSeq: number; limit: number },
): Promise<EventRow[]> {
  const number = options.withInternal ? sql`e.seq` : sql`e.public_seq`
  return db.execute<EventRow>(sql`
    SELECT ${number} AS seq, e.type, e.actor_id, u.name AS actor_name, e.data, e.message_id, e.attachment_id, e.created_at
    FROM ticket_events e LEFT JOIN users u ON u.id = e.actor_id
    WHERE e.ticket_id = ${ticketId} AND ${number} > ${options.afterSeq}
    ORDER BY ${number} LIMIT ${options.limit}`)
}

interface UploadRow extends FileRow {
  uploader_role: string
  is_internal: boolean
  seq: number
}

/** Uploads as the timeline shows them; one that hangs on an internal note is internal too. */
export async function findUploads(
  db: Executor,
  ticketId: number,
  withInternal: boolean,
): Promise<UploadRow[]> {
  return db.execute<UploadRow>(sql`
    SELECT a.*, u.name AS uploaded_by_name, u.role AS uploader_role, coalesce(m.is_internal, false) AS is_internal
    FROM attachments a JOIN users u ON u.id = a.uploaded_by LEFT JOIN messages m ON m.id = a.message_id
    WHERE a.ticket_id = ${ticketId} AND a.deleted_at IS NULL AND (${withInternal} OR NOT coalesce(m.is_internal, false))
    ORDER BY a.created_at, a.id`)
}

/** Everything said and uploaded on a ticket, and on request what happened, oldest first. */
export async function timeline(
  db: Executor,
  ticketId: number,
  options: { withInternal: boolean; withEvents: boolean; link: LinkMaker },
) {
  const [said, uploads, happened] = await Promise.all([
    findMessages(db, ticketId, options.withInternal),
    findUploads(db, ticketId, options.withInternal),
    options.withEvents
      ? findEvents(db, ticketId, { withInternal: options.withInternal, afterSeq: 0, limit: 10_000 })
      : [],
  ])
  const entries = [
    ...said.map(messageView),
    ...uploads.map((row) => uploadEntry(ticketId, row, options.link)),
    ...happened
      .filter((row) => row.message_id === null && row.type !== 'file_uploaded')
      .map((row) => eventEntry(ticketId, row)),
  ]
  // Array.sort is stable: entries of one millisecond stay messages, uploads, events.
  return entries.sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0))
}

function uploadEntry(ticketId: number, row: UploadRow, link: LinkMaker) {
  return {
    id: row.id,
    ticket_id: ticketRef(ticketId),
    sender_id: row.uploaded_by,
    sender_name: row.uploaded_by_name,
    sender_role: row.uploader_role,
    message: `Uploaded file: ${row.filename} (${formatSize(row.bytes)})`,
    is_internal: row.is_internal,
    reply_to: null,
    timestamp: new Date(row.created_at).toISOString(),
    type: 'message' as const,
    file_info: fileInfo(row),
    ...(row.thumbnail === 'none' || row.status !== 'ready' ? {} : { image_url: link(row) }),
  }
}

function eventEntry(ticketId: number, row: EventRow) {
  return {
    type: 'event' as const,
    id: `${ticketId}-${row.seq}`,
    description: describeEvent(row.type, row.data),
    performed_by_name: row.actor_name ?? 'System',
    timestamp: new Date(row.created_at).toISOString(),
  }
}

export type TimelineEntry = Awaited<ReturnType<typeof timeline>>[number]
