import type { ThumbnailState, Tx } from '@servicedesk/db'
import { emit } from '@servicedesk/jobs/emit'
import { sql } from 'drizzle-orm'
import { notify, supervisorIds } from '../alerts/notify.ts'
import type { MailSettings } from '../mail/mail-settings.ts'
import { isStaff, type RoleName } from '../policy/roles.ts'
import { appendEvents } from '../tickets/events.ts'
import { ticketRef } from '../tickets/ticket-id.ts'
import { logFileUpdate } from './file-updated.ts'
import type { ScanOutcome } from './scan-file.ts'

/** A scanned file, and where it hangs. */
interface Scanned extends Record<string, unknown> {
  id: string
  ticket_id: number
  title: string
  is_ticket_deleted: boolean
  filename: string
  thumbnail: ThumbnailState
  uploaded_by: number
  uploader: string
  uploader_role: RoleName
  is_internal: boolean
}

type Rejection = Exclude<ScanOutcome, { status: 'ready' }>

/**
 * Records what a scan came to, in the ticket's log too. Clean pictures are owed their thumbnails; of what is not clean
 * the uploader and the supervisors are told. A file that was deleted, or settled by another run, is left alone.
 */
export async function recordScan(
  tx: Tx,
  attachmentId: string,
  outcome: ScanOutcome,
  now: Date,
  mail: MailSettings,
): Promise<void> {
  const isReady = outcome.status === 'ready'
  const [file] = await tx.execute<Scanned>(sql`
    UPDATE attachments a SET status = ${outcome.status},
      thumbnail = CASE WHEN ${isReady} OR a.thumbnail = 'none' THEN a.thumbnail ELSE 'failed' END
    FROM tickets t, users u
    WHERE a.id = ${attachmentId} AND a.status = 'scanning' AND a.deleted_at IS NULL
      AND t.id = a.ticket_id AND u.id = a.uploaded_by
    RETURNING a.id, a.ticket_id, t.title, t.deleted_at IS NOT NULL AS is_ticket_deleted, a.filename, a.thumbnail,
      a.uploaded_by, u.name AS uploader, u.role AS uploader_role,
      coalesce((SELECT m.is_internal FROM messages m WHERE m.id = a.message_id), false) AS is_internal`)
  if (file === undefined) return
  if (!isReady) return file.is_ticket_deleted ? undefined : reject(tx, file, { outcome, now, mail })
  if (file.thumbnail === 'pending') await emit(tx, 'thumbnail.make', { attachment_id: attachmentId })
  const { id, ticket_id: ticketId, filename, thumbnail, is_internal: isInternal } = file
  await logFileUpdate(tx, { id, ticketId, filename, status: 'ready', thumbnail, isInternal }, now)
}

async function reject(
  tx: Tx,
  file: Scanned,
  { outcome, now, mail }: { outcome: Rejection; now: Date; mail: MailSettings },
): Promise<void> {
  const isInfected = outcome.status === 'infected'
  const { filename, uploader } = file
  const [seq] = await appendEvents(tx, [
    {
      ticketId: file.ticket_id,
      type: isInfected ? 'file_infected' : 'file_scan_failed',
      actorId: null,
      at: now,
      isInternal: file.is_internal,
      attachmentId: file.id,
      data: { filename, ...(isInfected ? { signature: outcome.signature } : { reason: outcome.reason }) },
    },
  ])
  const reason = isInfected ? `It holds ${outcome.signature} and is quarantined` : outcome.reason
  const signature = isInfected ? outcome.signature : null
  const ref = ticketRef(file.ticket_id)
  await notify(
    tx,
    (await audience(tx, file)).map((userId) => ({
      userId,
      type: 'file_rejected' as const,
      ticketId: file.ticket_id,
      title: isInfected ? `Infected file on ${ref}` : `File on ${ref} could not be scanned`,
      message: `${filename} (from ${uploader}): ${reason}`,
      at: now,
      eventSeq: seq,
      isInternal: file.is_internal,
      mail: {
        template: 'file_rejected',
        params: { title: file.title, filename, uploader, signature, reason },
        isOnRequest: true,
      },
    })),
    mail,
  )
}

/** The uploader and the supervisors; of an internal file nobody hears who is no staff (any more). */
async function audience(tx: Tx, file: Scanned): Promise<number[]> {
  const mayKnow = !file.is_internal || isStaff(file.uploader_role)
  return [...new Set([...(mayKnow ? [file.uploaded_by] : []), ...(await supervisorIds(tx))])]
}
