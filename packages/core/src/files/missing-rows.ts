import { attachments, type Database } from '@servicedesk/db'
import { and, asc, eq, gt, isNull, lt, ne } from 'drizzle-orm'
import type { FileStore } from '../shared/ports.ts'

const BATCH = 500

/**
 * Finds rows whose bytes the store does not have. They are not marked: opening one answers 404 as it is, and a folder that is
 * not mounted or another bucket, which looks the same, is a fault of the installation that must be mendable.
 * @param originals keys that a listing has just shown
 * @returns the ids of their attachments
 */
export async function missingRows(
  db: Database,
  name: string,
  store: FileStore,
  before: Date,
  originals: ReadonlySet<string>,
): Promise<string[]> {
  const missing: string[] = []
  for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
    const batch = await db
      .select({ id: attachments.id, key: attachments.storageKey })
      .from(attachments)
      .where(
        and(
          gt(attachments.id, last),
          eq(attachments.store, name),
          isNull(attachments.deletedAt),
          ne(attachments.status, 'failed'),
          lt(attachments.createdAt, before),
        ),
      )
      .orderBy(asc(attachments.id))
      .limit(BATCH)
    for (const { id, key } of batch) {
      // A listing may have missed it.
      if (!originals.has(key) && (await store.stat(key)) === null) missing.push(id)
    }
    if (batch.length < BATCH) return missing
    last = batch.at(-1)?.id ?? last
  }
}
