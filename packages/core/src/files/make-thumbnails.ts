import { attachments, type Database, type Tx } from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import { PictureUnreadable, type Stores, type ThumbnailMaker } from '../shared/ports.ts'
import { type ChangedFile, logFileUpdate } from './file-updated.ts'
import { thumbnailKey } from './thumbnail-keys.ts'

export interface ThumbnailPorts {
  stores: Stores
  makeThumbnails: ThumbnailMaker
}

/**
 * Makes and stores the thumbnails of an attachment: the slow part, outside any transaction and safe to repeat.
 * @returns what to record with {@link recordThumbnails}; null when the attachment is gone
 */
export async function makeThumbnails(
  db: Database,
  ports: ThumbnailPorts,
  attachmentId: string,
): Promise<'ready' | 'failed' | null> {
  const [row] = await db.select().from(attachments).where(eq(attachments.id, attachmentId))
  if (row === undefined || row.deletedAt !== null || row.status !== 'ready') return null
  const store = ports.stores.of(row.store)
  const original = await readAll(await store.open(row.storageKey))
  try {
    const thumbnails = await ports.makeThumbnails(original)
    // A store waits for its disk or network with each of them: side by side they wait once.
    await Promise.all(
      thumbnails.map(({ size, format, data }) => store.put(thumbnailKey(row.storageKey, size, format), data)),
    )
    return 'ready'
  } catch (error) {
    if (error instanceof PictureUnreadable) return 'failed'
    throw error
  }
}

/** Records what became of an attachment's thumbnails; those who look at its ticket hear of it. */
export async function recordThumbnails(
  tx: Tx,
  attachmentId: string,
  outcome: 'ready' | 'failed',
  now: Date,
): Promise<void> {
  const [row] = await tx.execute<Recorded>(sql`
    UPDATE attachments a SET thumbnail = ${outcome} WHERE a.id = ${attachmentId} AND a.thumbnail = 'pending'
    RETURNING a.ticket_id, a.filename, a.status, a.deleted_at IS NOT NULL AS is_deleted,
      coalesce((SELECT m.is_internal FROM messages m WHERE m.id = a.message_id), false) AS is_internal`)
  if (row === undefined || row.is_deleted) return
  const { ticket_id: ticketId, filename, status, is_internal: isInternal } = row
  await logFileUpdate(
    tx,
    { id: attachmentId, ticketId, filename, status, thumbnail: outcome, isInternal },
    now,
  )
}

interface Recorded extends Record<string, unknown> {
  ticket_id: number
  filename: string
  status: ChangedFile['status']
  is_deleted: boolean
  is_internal: boolean
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
