import type { Executor } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { type FileRow, fileInfo, formatSize, type LinkMaker } from '../files/file-view.ts'
import { describeEvent } from '../tickets/describe-event.ts'
import { findEvents, type LogReader, numberFor } from '../tickets/event-log.ts'
import { type EventRow, isForPeople } from '../tickets/event-view.ts'
import { ticketRef } from '../tickets/ticket-id.ts'
import { findMessages } from './find-messages.ts'
import { messageView } from './message-view.ts'

interface UploadRow extends FileRow {
  uploader_role: string
  is_internal: boolean
  /** Its number in the ticket's log, as the reader counts. */
  seq: number
}

/** Uploads as the timeline shows them; one that hangs on an internal note is internal too. */
async function findUploads(db: Executor, ticketId: number, reader: LogReader): Promise<UploadRow[]> {
  return db.execute<UploadRow>(sql`
    SELECT coalesce(${numberFor(reader)}, 0) AS seq, a.*, u.name AS uploaded_by_name, u.role AS uploader_role,
      coalesce(m.is_internal, false) AS is_internal
    FROM attachments a JOIN users u ON u.id = a.uploaded_by LEFT JOIN messages m ON m.id = a.message_id
    LEFT JOIN ticket_events e ON e.attachment_id = a.id AND e.type = 'file_uploaded'
    WHERE a.ticket_id = ${ticketId} AND a.deleted_at IS NULL AND (${reader.isStaff} OR NOT coalesce(m.is_internal, false))`)
}

/**
 * Everything said and uploaded on a ticket, and on request what happened, oldest first: in the order of the log, which
 * knows what came first within a millisecond and across nodes whose clocks differ.
 */
export async function timeline(
  db: Executor,
  ticketId: number,
  reader: LogReader,
  options: { withEvents: boolean; link: LinkMaker },
) {
  const [said, uploads, happened] = await Promise.all([
    findMessages(db, ticketId, reader),
    findUploads(db, ticketId, reader),
    options.withEvents ? findEvents(db, ticketId, reader) : [],
  ])
  const shownFiles = new Set(uploads.map((row) => row.id))
  const isEntry = (row: EventRow) =>
    isForPeople(row) &&
    row.type !== 'message' &&
    // What was deleted since is said as an event.
    (row.type !== 'file_uploaded' || !shownFiles.has(row.attachment_id ?? ''))
  return [
    ...said.map((row) => ({ seq: row.seq, entry: messageView(row) })),
    ...uploads.map((row) => ({ seq: row.seq, entry: uploadEntry(ticketId, row, options.link) })),
    ...happened.filter(isEntry).map((row) => ({ seq: row.seq, entry: eventEntry(ticketId, row) })),
  ]
    .sort((a, b) => a.seq - b.seq)
    .map(({ entry }) => entry)
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
