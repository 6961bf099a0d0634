import type { FileStatus, ThumbnailState, Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { appendEvents } from '../tickets/events.ts'

/** A file whose row the caller has just changed, and where it hangs. */
export interface ChangedFile {
  id: string
  ticketId: number
  filename: string
  status: FileStatus
  thumbnail: ThumbnailState
  isInternal: boolean
}

/**
 * Appends to the ticket's log what has become of a file since it was uploaded, so that a client which shows it can do
 * so without asking again. Quiet: nobody did anything to the ticket. The log of a deleted ticket ends with its deletion.
 * Locks the ticket, after the file as everybody does.
 */
export async function logFileUpdate(tx: Tx, file: ChangedFile, now: Date): Promise<void> {
  const { id, ticketId, filename, status, thumbnail, isInternal } = file
  const [ticket] = await tx.execute<{ is_deleted: boolean }>(
    sql`SELECT deleted_at IS NOT NULL AS is_deleted FROM tickets WHERE id = ${ticketId} FOR NO KEY UPDATE`,
  )
  if (ticket === undefined || ticket.is_deleted) return
  await appendEvents(tx, [
    {
      ticketId,
      type: 'file_updated',
      actorId: null,
      at: now,
      isInternal,
      isQuiet: true,
      attachmentId: id,
      data: { filename, status, thumbnail },
    },
  ])
}
