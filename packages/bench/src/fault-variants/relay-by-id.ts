import type { Database } from '@servicedesk/db'
import { dispatchRows, type OutboxRow, type Queues } from '@servicedesk/jobs'
import { sql } from 'drizzle-orm'

// Broken on purpose: remembers the highest id it saw and reads on from there. Rows that commit late, and rows that become
// owed again, have a lower one.

let last = '00000000-0000-0000-0000-000000000000'

export async function leaseRows(db: Database): Promise<OutboxRow[]> {
  const rows = await db.execute<OutboxRow & Record<string, unknown>>(sql`
    SELECT * FROM outbox
    WHERE id > ${last} AND dispatched_at IS NULL AND done_at IS NULL AND (lease_until IS NULL OR lease_until < now())
    ORDER BY id LIMIT 500`)
  last = rows.at(-1)?.id ?? last
  return [...rows]
}

export async function relayOnce(db: Database, queues: Queues): Promise<number> {
  return dispatchRows(db, queues, await leaseRows(db))
}
