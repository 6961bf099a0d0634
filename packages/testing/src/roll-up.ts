import { rollDays } from '@servicedesk/core'
import type { Database } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { until } from './until.ts'

/**
 * Rolls up every day that has ended. Again and again, because transactions in other databases of the server hold it up
 * too.
 * @returns how many days were rolled
 */
export async function rollUp(db: Database): Promise<number> {
  let days = 0
  await until('all days to be rolled up', async () => {
    days += (await rollDays(db, 1_000)).days
    const [left] = await db.execute<{ many: number }>(sql`SELECT
      (SELECT count(*) FROM stats_rolled WHERE rolled_at IS NULL) + (SELECT count(*) FROM stats_marks) AS many`)
    return left?.many === 0
  })
  return days
}
