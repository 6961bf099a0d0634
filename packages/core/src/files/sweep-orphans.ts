import { attachments, type Database, exports } from '@servicedesk/db'
import { and, eq, inArray, isNull, lt, sql } from 'drizzle-orm'
import type { FileStore, Stores } from '../shared/ports.ts'
import { missingRows } from './missing-rows.ts'
import { THUMBNAIL_KEYS, thumbnailKey } from './thumbnail-keys.ts'

const DAY_MS = 86_400_000
const BATCH = 500
const MOST_UNKNOWN = 10
const MOST_UNKNOWN_SHARE = 0.1

export interface OrphanSweep {
  /** Files of which no row knows, removed. */
  unknown: number
  /** Deleted files whose bytes were removed. */
  purged: number
  /** Attachments whose bytes are gone. */
  missing: string[]
  /** Half-written files of dead processes, removed. */
  temporary: number
}

/**
 * Brings rows and stores together: removes bytes that no row names and bytes of deleted files, and finds rows whose bytes
 * are gone. All of it only a day after it happened: an upload stores first and commits afterwards, and a deletion by mistake can
 * be undone by hand.
 * @throws when a store cannot be read, or seems to be somebody else's too ({@link removeUnknown}); what was done stays done
 */
export async function sweepOrphans(db: Database, stores: Stores, now: Date): Promise<OrphanSweep> {
  const before = new Date(now.getTime() - DAY_MS)
  const sum: OrphanSweep = { unknown: 0, purged: 0, missing: [], temporary: 0 }
  for (const name of stores.names) {
    const store = stores.of(name)
    sum.temporary += (await store.sweepTemporary?.(before)) ?? 0
    sum.purged += await purgeDeleted(db, name, store, before)
    const originals = new Set<string>()
    sum.unknown += await removeUnknown(db, name, store, before, originals)
    sum.missing.push(...(await missingRows(db, name, store, before, originals)))
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
const OURS = /^[0-9a-f]{2}\/[0-9a-f-]{36}\/(?:original|export|thumb-\d+\.(?:webp|jpeg))$/
/** The key that a row would name: an export's own, or that of the original. */
const namedKeyOf = (key: string) => (key.endsWith('/export') ? key : key.replace(/[^/]+$/, 'original'))

/**
 * Removes what was stored before then and belongs to no row.
 * @throws Error, with nothing removed, when that is more than ten files and a tenth of all: then another desk keeps its files
 *   there as well, or the database is another one
 * @param originals gets the keys of all originals that are there
 */
async function removeUnknown(
  db: Database,
  name: string,
  store: FileStore,
  before: Date,
  originals: Set<string>,
): Promise<number> {
  const unknown: string[] = []
  let all = 0
  let batch: string[] = []
  const check = async () => {
    const asked = [...new Set(batch.map(namedKeyOf))]
    const files = db
      .select({ key: attachments.storageKey })
      .from(attachments)
      .where(inArray(attachments.storageKey, asked))
    const made = db
      .select({ key: exports.storageKey })
      .from(exports)
      .where(inArray(exports.storageKey, asked))
    const known = new Set((await Promise.all([files, made])).flat().map(({ key }) => key))
    unknown.push(...batch.filter((each) => !known.has(namedKeyOf(each))))
    batch = []
  }
  for await (const { key, storedAt } of store.list()) {
    if (!OURS.test(key)) continue
    all += 1
    if (key.endsWith('/original')) originals.add(key)
    if (storedAt < before) batch.push(key)
    if (batch.length === BATCH) await check()
  }
  if (batch.length > 0) await check()
  if (unknown.length > Math.max(MOST_UNKNOWN, all * MOST_UNKNOWN_SHARE)) {
    throw new Error(
      `Of ${all} files in the store ${name} ${unknown.length} are unknown: are they another desk's? Nothing was removed`,
    )
  }
  for (const key of unknown) await store.remove(key)
  return unknown.length
}
