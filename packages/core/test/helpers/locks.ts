import type { Database } from '@servicedesk/db'
import { until } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'

/** Resolves when so many sessions of this database wait for a lock. */
export async function waitingForLocks(db: Database, many: number): Promise<void> {
  await until(`${many} sessions that wait for a lock`, async () => {
    const [row] = await db.execute<{ waiting: number }>(sql`
      SELECT count(*)::int AS waiting FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`)
    return (row?.waiting ?? 0) >= many
  })
}
