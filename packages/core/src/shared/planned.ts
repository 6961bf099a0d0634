import type { Database, Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'

/**
 * Runs reads whose best plan depends on their values. Written with {@link Tx.execute} they are planned each time, for
 * these values; and as they ask for little of much, never by reading whole tables, by code compiled for one run, or in
 * several processes, all of which cost more than they save.
 */
export function planned<R>(db: Database, work: (tx: Tx) => Promise<R>): Promise<R> {
  return db.transaction(
    async (tx) => {
      await tx.execute(sql`SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),
        set_config('max_parallel_workers_per_gather', '0', true), set_config('random_page_cost', '1.1', true)`)
      return work(tx)
    },
    { accessMode: 'read only' },
  )
}
