import { exports, noteChanges, type Tx } from '@servicedesk/db'
import { and, eq, inArray } from 'drizzle-orm'

/** Files are kept for a day. */
export const KEPT_MS = 24 * 3_600_000

/** What its asker is told of a fault of ours. */
export const EXPORT_FAILED = 'The file could not be made; ask for it again'

/** What came of an export. */
export type ExportOutcome =
  | { status: 'ready'; rows: number; bytes: number; store: string; storageKey: string }
  | { status: 'failed'; reason: string }

const REASON_LENGTH = 500

/** Writes down what came of an export that was not over. @returns whether it was written */
export async function recordExport(tx: Tx, id: string, outcome: ExportOutcome, now: Date): Promise<boolean> {
  const { status, ...rest } = outcome
  const more = 'reason' in rest ? { reason: rest.reason.slice(0, REASON_LENGTH) } : { ...rest, progress: 100 }
  const [row] = await tx
    .update(exports)
    .set({ status, ...more, finishedAt: now, expiresAt: new Date(now.getTime() + KEPT_MS) })
    .where(and(eq(exports.id, id), inArray(exports.status, ['queued', 'running'])))
    .returning({ userId: exports.requestedBy })
  if (row === undefined) return false
  noteChanges(tx, { exports: [{ id, userId: row.userId }] })
  return true
}

/** An export that had failed is owed again. */
export async function oweExport(tx: Tx, id: string): Promise<void> {
  await tx
    .update(exports)
    .set({ status: 'queued', progress: 0, reason: null, finishedAt: null, expiresAt: null })
    .where(and(eq(exports.id, id), eq(exports.status, 'failed')))
}
