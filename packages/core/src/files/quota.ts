import { attachments, type Executor, type Tx } from '@servicedesk/db'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { DomainError } from '../shared/errors.ts'
import { formatSize } from './file-view.ts'

/** What a desk allows of files. */
export interface FileRules {
  /** Bytes that all files of one person may have together; undefined for any number. */
  quotaBytes: number | undefined
  /** New ones are kept back until a worker has had them scanned. */
  isScanned: boolean
}

type Quota = Pick<FileRules, 'quotaBytes'>

/** Any constant, with the user's id as the second key: uploads of one person are counted one after another. */
const QUOTA_LOCK = 7_301_905

/** Bytes that a person may still upload; infinity without a quota. Others may take them meanwhile. */
export async function quotaLeft(db: Executor, { quotaBytes }: Quota, userId: number): Promise<number> {
  if (quotaBytes === undefined) return Number.POSITIVE_INFINITY
  const [used] = await db
    .select({ bytes: sql<string>`coalesce(sum(${attachments.bytes}), 0)` })
    .from(attachments)
    .where(and(eq(attachments.uploadedBy, userId), isNull(attachments.deletedAt)))
  return quotaBytes - Number(used?.bytes ?? 0)
}

/**
 * Lets no other upload of this person commit before this transaction ends, and checks that these files still fit.
 * To be called after the ticket's lock: everybody takes the two in that order.
 * @throws DomainError too_large `quota_exceeded`
 */
export async function takeQuota(
  tx: Tx,
  rules: Quota,
  userId: number,
  files: readonly { bytes: number }[],
): Promise<void> {
  if (rules.quotaBytes === undefined || files.length === 0) return
  await tx.execute(sql`SELECT pg_advisory_xact_lock(${QUOTA_LOCK}, ${userId})`)
  const left = await quotaLeft(tx, rules, userId)
  const wanted = files.reduce((sum, file) => sum + file.bytes, 0)
  if (wanted > left) throw quotaExceeded(rules, left)
}

/** 413, saying what is left. */
export function quotaExceeded({ quotaBytes = 0 }: Quota, left: number): DomainError {
  const words = `Of your ${formatSize(quotaBytes)} for files ${formatSize(Math.max(0, left))} are left`
  return new DomainError('too_large', 'quota_exceeded', words)
}
