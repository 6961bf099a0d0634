import type { Database } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { RETENTION, type Retention } from './retention.ts'

/** Rows a statement: each is a transaction of its own of some ten milliseconds. */
const BATCH = 5_000
/** Statements a table and run, so that a run ends well within the time that a worker has to stop. */
const BATCHES = 20

/**
 * Deletes one batch of a table's oldest rows. Rows that are locked, by another pruner or anybody else, are passed
 * over; the rows are found by index and deleted by their place, so it costs the same however large the table is.
 */
export function pruneStatement({ table, since, keepMs, only }: Retention, now: Date, limit = BATCH): SQL {
  const [name, column] = [sql.identifier(table), sql.identifier(since)]
  const cutoff = new Date(now.getTime() - keepMs).toISOString()
  return sql`
    DELETE FROM ${name} WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM ${name} WHERE ${column} < ${cutoff}::timestamptz ${only === undefined ? sql`` : sql`AND ${only}`}
      ORDER BY ${column} LIMIT ${limit} FOR UPDATE SKIP LOCKED))`
}

export interface Pruned {
  /** How many rows by table. */
  deleted: Record<string, number>
  /** There was more than one run may delete: another should follow. */
  more: boolean
}

/** Deletes what the retention table says is old enough, batch by batch, up to a bound. Any number may run at once. */
export async function prune(
  db: Database,
  now: Date,
  bounds: { limit?: number; batches?: number } = {},
): Promise<Pruned> {
  const { limit = BATCH, batches = BATCHES } = bounds
  const pruned: Pruned = { deleted: {}, more: false }
  for (const entry of RETENTION) {
    let deleted = 0
    for (let batch = 1; ; batch += 1) {
      const { count } = await db.execute(pruneStatement(entry, now, limit))
      deleted += count
      if (count < limit) break
      if (batch === batches) {
        pruned.more = true
        break
      }
    }
    if (deleted > 0) pruned.deleted[entry.table] = deleted
  }
  return pruned
}
