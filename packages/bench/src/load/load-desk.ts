import { inBulk } from './bulk.ts'
import { loadClockEvents, loadClocks } from './clocks.ts'
import { loadEvents } from './events.ts'
import { loadFates } from './fates.ts'
import { AGENTS, loadPeople } from './people.ts'
import { loadTexts } from './texts.ts'
import { loadTickets, loadWork } from './tickets.ts'

export interface LoadOptions {
  tickets: number
  /** A CSV file of real tickets, as `npm run replay` reads it. */
  file: string
  /** Without them tickets and clocks have no logs, which takes half as long: for tests that read lists only. */
  logs?: boolean
  /** Is told what is being done. */
  progress?: (step: string) => void
}

/**
 * Fills an empty, migrated database with a desk of a year: people, tickets made of real ones, their logs, clocks, answers
 * and assignments, as the desk itself would have written them but with nothing owed. For databases that are thrown away; the
 * tables that it works with (`bench_…`) are dropped at the end.
 * @throws UserError when the file cannot be read
 */
export async function loadDesk(databaseUrl: string, options: LoadOptions): Promise<void> {
  const step = options.progress ?? (() => undefined)
  await inBulk(databaseUrl, async (sql) => {
    step('people and what becomes of each ticket')
    const requesters = await loadPeople(sql, options.tickets)
    const texts = await loadTexts(sql, options.file)
    await loadFates(sql, { tickets: options.tickets, texts, requesters, agents: AGENTS })
    step('tickets')
    await loadTickets(sql)
    step('clocks, answers and logs')
    const { logs = true } = options
    await Promise.all([
      loadClocks(sql).then(() => (logs ? loadClockEvents(sql) : undefined)),
      loadWork(sql).then(() => (logs ? loadEvents(sql) : undefined)),
    ])
    await sql`DROP TABLE bench_texts, bench_agents, bench_requesters, bench_fates`
    await sql`DROP FUNCTION bench_chance`
    step('indexes and statistics')
  })
}
