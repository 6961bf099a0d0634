import {
  type AttachmentFields,
  attachments,
  type Executor,
  type FileStatus,
  messages,
  type Tx,
} from '@servicedesk/db'
import { emitMany } from '@servicedesk/jobs/emit'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { canSeeInternal, canSeeTicket } from '../policy/policy.ts'
import { isSupervisor } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { assertThat, conflict, DomainError, forbidden, invalid, notFound } from '../shared/errors.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { appendEvents } from '../tickets/events.ts'
import { lockForChange } from '../tickets/lock-for-change.ts'
import { factsOf, findTicket } from '../tickets/tickets.repo.ts'
import { type FileRow, type FileView, fileView, ticketFileView } from './file-view.ts'
import { type FileRules, quotaExceeded, quotaLeft, takeQuota } from './quota.ts'
import type { StoredFile } from './stored-file.ts'

/** Files of tickets: rows here, bytes in the store. */
export function createFileService(deps: ServiceDeps & { files: FileRules }) {
  const { db, clock } = deps
  const { isScanned } = deps.files

  /** @throws DomainError 404 when there is none that the caller may see */
  async function find(actor: Actor, id: string): Promise<FileRowWithSecrecy> {
    const [row] = await readFiles(db, sql`a.id = ${id}`)
    assertThat(row !== undefined, notFound('File'))
    const ticket = await findTicket(db, row.ticket_id, actor.id)
    assertThat(ticket !== undefined && canSeeTicket(actor, factsOf(ticket)), notFound('File'))
    assertThat(!row.is_internal || canSeeInternal(actor), notFound('File'))
    return row
  }

  return {
    find,

    /** Bytes that the caller may still upload, and the refusal of more. */
    async quota(actor: Actor): Promise<{ left: number; exceeded: () => DomainError }> {
      const left = await quotaLeft(db, deps.files, actor.id)
      return { left, exceeded: () => quotaExceeded(deps.files, left) }
    },

    /** Adds stored files to a ticket: rows, events and the jobs that scan them or make thumbnails. */
    async attach(
      actor: Actor,
      target: { ticketId: number; messageId?: number | undefined },
      files: readonly StoredFile[],
      outer?: Tx,
    ): Promise<(FileView & { width: number | null; height: number | null; bytes: number })[]> {
      const now = clock.now()
      return transact(
        deps,
        async (tx) => {
          await lockForChange(tx, actor, target.ticketId)
          const isInternal = await checkMessage(tx, actor, target.ticketId, target.messageId)
          await takeQuota(tx, deps.files, actor.id, files)
          const rows = files.map((file) => newRow(actor, target, file, isScanned ? 'scanning' : 'ready', now))
          await tx.insert(attachments).values(rows)
          await appendEvents(
            tx,
            files.map((file) => ({
              ticketId: target.ticketId,
              type: 'file_uploaded' as const,
              actorId: actor.id,
              at: now,
              isInternal,
              attachmentId: file.id,
              data: { filename: file.filename, bytes: file.bytes },
            })),
          )
          // A scanned picture's thumbnails are made when it was found clean.
          const owed = isScanned ? files : files.filter((file) => file.isPicture)
          await emitMany(
            tx,
            isScanned ? 'file.scan' : 'thumbnail.make',
            owed.map((file) => ({ attachment_id: file.id })),
          )
          return rows.map((row) => ({
            ...fileView({ ...row, mime_type: row.mimeType, created_at: now.toISOString() }),
            width: row.width ?? null,
            height: row.height ?? null,
            bytes: row.bytes,
          }))
        },
        outer,
      )
    },

    /** The files of a ticket, newest first. @throws DomainError 404 */
    async ofTicket(actor: Actor, ticketId: number) {
      const ticket = await findTicket(db, ticketId, actor.id)
      assertThat(ticket !== undefined && canSeeTicket(actor, factsOf(ticket)), notFound('Ticket'))
      const rows = await readFiles(db, sql`a.ticket_id = ${ticketId}`)
      return rows.filter((row) => !row.is_internal || canSeeInternal(actor)).map(ticketFileView)
    },

    /** A file whose content may be handed out. @throws DomainError 404, 409 while it is scanned, 403 infected */
    async openable(actor: Actor, id: string): Promise<FileRow> {
      const row = await find(actor, id)
      assertReadable(row)
      return row
    },

    /** The same for a signed link, whose signature stands for the permission. @throws DomainError 404, 409, 403 */
    async openableByLink(id: string): Promise<FileRow> {
      const [row] = await readFiles(db, sql`a.id = ${id}`)
      assertThat(row !== undefined, notFound('File'))
      assertReadable(row)
      return row
    },

    /** Takes a file off its ticket; its bytes go with the orphan sweep. @throws DomainError 403, 404 */
    async remove(actor: Actor, id: string): Promise<void> {
      const row = await find(actor, id)
      const may = row.uploaded_by === actor.id || isSupervisor(actor.role)
      assertThat(may, forbidden('Only the uploader and supervisors delete a file'))
      const now = clock.now()
      await transact(deps, async (tx) => {
        const gone = await tx
          .update(attachments)
          .set({ deletedAt: now })
          .where(and(eq(attachments.id, id), isNull(attachments.deletedAt)))
          .returning({ id: attachments.id })
        if (gone.length === 0) throw notFound('File')
        await appendEvents(tx, [
          {
            ticketId: row.ticket_id,
            type: 'file_deleted',
            actorId: actor.id,
            at: now,
            isInternal: row.is_internal,
            attachmentId: id,
            data: { filename: row.filename },
          },
        ])
      })
    },
  }
}

type FileRowWithSecrecy = FileRow & { is_internal: boolean }

async function readFiles(db: Executor, where: ReturnType<typeof sql>): Promise<FileRowWithSecrecy[]> {
  return db.execute<FileRowWithSecrecy>(sql`
    SELECT a.*, u.name AS uploaded_by_name, coalesce(m.is_internal, false) AS is_internal
    FROM attachments a JOIN users u ON u.id = a.uploaded_by LEFT JOIN messages m ON m.id = a.message_id
    JOIN tickets t ON t.id = a.ticket_id
    WHERE ${where} AND a.deleted_at IS NULL AND t.deleted_at IS NULL
    ORDER BY a.created_at DESC, a.id DESC`)
}

function assertReadable(row: FileRow): void {
  if (row.status === 'scanning') throw conflict('file_scanning', 'The file is still being checked')
  if (row.status === 'infected') throw new DomainError('forbidden', 'file_infected', 'The file is infected')
  if (row.status === 'failed') throw notFound('File')
}

/** Whether the message that files hang on is internal. @throws DomainError 400 when it is not in the ticket */
async function checkMessage(
  tx: Tx,
  actor: Actor,
  ticketId: number,
  messageId: number | undefined,
): Promise<boolean> {
  if (messageId === undefined) return false
  const [row] = await tx
    .select({ isInternal: messages.isInternal })
    .from(messages)
    .where(and(eq(messages.id, messageId), eq(messages.ticketId, ticketId)))
  if (row === undefined || (row.isInternal && !canSeeInternal(actor))) {
    throw invalid('message_id', 'is not a message of this ticket')
  }
  return row.isInternal
}

function newRow(
  actor: Actor,
  target: { ticketId: number; messageId?: number | undefined },
  file: StoredFile,
  status: FileStatus,
  now: Date,
): AttachmentFields {
  const { isPicture, ...fields } = file
  return {
    ...fields,
    ticketId: target.ticketId,
    messageId: target.messageId ?? null,
    uploadedBy: actor.id,
    status,
    thumbnail: isPicture ? 'pending' : 'none',
    createdAt: now,
  }
}

export type FileService = ReturnType<typeof createFileService>
