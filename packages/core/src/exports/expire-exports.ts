import { type Database, exports } from '@servicedesk/db'
import { and, asc, eq, gt, lt } from 'drizzle-orm'
import type { Stores } from '../shared/ports.ts'

const BATCH = 100

/**
 * Removes exports whose time is over: first the bytes, then the row that knows of them. One that its store does not let go
 * stays, and does not keep the others.
 * @returns how many
 * @throws AggregateError with what the stores threw, after all that could be removed were
 */
export async function expireExports(db: Database, stores: Stores, now: Date): Promise<number> {
  const faults: unknown[] = []
  let expired = 0
  for (let after = ''; ; ) {
    const rows = await db
      .select({ id: exports.id, store: exports.store, key: exports.storageKey })
      .from(exports)
      .where(and(lt(exports.expiresAt, now), after === '' ? undefined : gt(exports.id, after)))
      .orderBy(asc(exports.id))
      .limit(BATCH)
    for (const { id, store, key } of rows) {
      try {
        if (store !== null && key !== null) await stores.of(store).remove(key)
        await db.delete(exports).where(eq(exports.id, id))
        expired += 1
      } catch (error) {
        faults.push(error)
      }
    }
    after = rows.at(-1)?.id ?? after
    if (rows.length < BATCH) break
  }
  if (faults.length > 0) {
    const reasons = [...new Set(faults.map((each) => (each instanceof Error ? each.message : String(each))))]
    throw new AggregateError(
      faults,
      `${faults.length} expired exports were not removed: ${reasons.join('; ')}`,
    )
  }
  return expired
}
