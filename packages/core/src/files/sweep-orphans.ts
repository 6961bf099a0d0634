import { attachments, type Database } from '@servicedesk/db'
import { and, eq, inArray, isNull, lt, sql } from 'drizzle-orm'
import type { FileStore, Stores } from '../shared/ports.ts'
import { missingRows } from './missing-rows.ts'
import { THUMBNAIL_KEYS, thumbnailKey } from './thumbnail-keys.ts'

const DAY_MS = 86_400_000
const BATCH = 500

export interface OrphanSweep {
  /** Files of which no row knows, removed. */
  unknown: number
  /** Deleted files whose bytes were removed. */
  purged: number
  /** Rows whose bytes are gone, marked as failed. */
  missing: number
  /** Half-written files of dead processes, removed. */
  temporary: number
}

/**
 * Brings rows and stores together: removes bytes that no row names and bytes of deleted files, and marks rows whose bytes
 * are gone. All of it only a day after it happened: an upload stores first and commits afterwards, and a deletion by mistake can
 * be undone by hand.
 * @throws when a store cannot be read, or looks like the wrong one ({@link missingRows}); what was done stays done
 */
export async function sweepOrphans(db: Database, stores: Stores, now: Date): Promise<OrphanSweep> {
  const before = new Date(now.getTime() - DAY_MS)
  const sum: OrphanSweep = { unknown: 0, purged: 0, missing: 0, temporary: 0 }
  for (const name of stores.names) {
    const store = stores.of(name)
    sum.temporary += (await store.sweepTemporary?.(before)) ?? 0
    sum.purged += await purgeDeleted(db, name, store, before)
    const originals = new Set<string>()
    sum.unknown += await removeUnknown(db, store, before, originals)
    sum.missing += await missingRows(db, name, store, before, originals)
  }
  return sum
}

/** Removes the bytes of files that were deleted before then. */
async function purgeDeleted(db: Database, name: string, store: FileStore, before: Date): Promise<number> {
  let purged = 0
  for (;;) {
    const rows = await db
      .select({ id: attachments.id, storageKey: attachments.storageKey })
      .from(attachments)
      .where(
        and(eq(attachments.store, name), lt(attachments.deletedAt, before), isNull(attachments.purgedAt)),
      )
      .limit(BATCH)
    for (const { id, storageKey } of rows) {
      for (const { size, format } of THUMBNAIL_KEYS)
        await store.remove(thumbnailKey(storageKey, size, format))
      await store.remove(storageKey)
      await db.update(attachments).set({ purgedAt: sql`now()` }).where(eq(attachments.id, id))
    }
    purged += rows.length
    if (rows.length < BATCH) return purged
  }
}

/** Ours are `<two>/<id>/<what>`: a bucket may hold other things. */
const OURS = /^[0-9a-f]{2}\/[0-9a-f-]{36}\/(?:original|thumb-\d+\.(?:webp|jpeg))$/
const originalOf = (key: string) => key.replace(/[^/]+$/, 'original')

/**
 * Removes what was stored before then and belongs to no row.
 * @param originals gets the keys of all originals that are there
 */
async function removeUnknown(
  db: Database,
  store: FileStore,
  before: Date,
  originals: Set<string>,
): Promise<number> {
  let removed = 0
  let batch: string[] = []
  const check = async () => {
    const asked = [...new Set(batch.map(originalOf))]
    const rows = await db
      .select({ key: attachments.storageKey })
      .from(attachments)
      .where(inArray(attachments.storageKey, asked))
    const known = new Set(rows.map(({ key }) => key))
    for (const key of batch.filter((each) => !known.has(originalOf(each)))) {
      await store.remove(key)
      removed += 1
    }
    batch = []
  }
  for await (const { key, storedAt } of store.list()) {
    if (!OURS.test(key)) continue
    if (key.endsWith('/original')) originals.add(key)
    if (storedAt < before) batch.push(key)
    if (batch.length === BATCH) await check()
  }
  if (batch.length > 0) await check()
  return removed
}
