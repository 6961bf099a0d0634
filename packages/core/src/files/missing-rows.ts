import { attachments, type Database } from '@servicedesk/db'
import { and, asc, eq, gt, inArray, isNull, lt, ne } from 'drizzle-orm'
import type { FileStore } from '../shared/ports.ts'

const BATCH = 500
/** So many files may be lost for rows to be marked; more, and it is the store that is not the right one. */
const MOST_LOST = 20
const MOST_LOST_SHARE = 0.1

/**
 * Marks rows whose bytes the store does not have: they can never be opened.
 * @param originals keys that a listing has just shown
 * @returns how many were marked
 * @throws Error, with nothing marked, when more than a tenth (and more than 20) of a store's files are gone: a folder that is not
 *   mounted or another bucket is a fault of the installation, and marking its rows would make it a loss
 */
export async function missingRows(
  db: Database,
  name: string,
  store: FileStore,
  before: Date,
  originals: ReadonlySet<string>,
): Promise<number> {
  const lost: string[] = []
  let rows = 0
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
    rows += batch.length
    for (const { id, key } of batch) {
      // A listing may have missed it.
      if (!originals.has(key) && (await store.stat(key)) === null) lost.push(id)
    }
    if (batch.length < BATCH) break
    last = batch.at(-1)?.id ?? last
  }
  if (lost.length > Math.max(MOST_LOST, rows * MOST_LOST_SHARE)) {
    throw new Error(`The file store ${name} lacks ${lost.length} of ${rows} files: is it the right one?`)
  }
  for (let from = 0; from < lost.length; from += BATCH) {
    await db
      .update(attachments)
      .set({ status: 'failed', thumbnail: 'failed' })
      .where(inArray(attachments.id, lost.slice(from, from + BATCH)))
  }
  return lost.length
}
