import { createConfigurationCache, sweep, systemClock } from '@servicedesk/core'
import { closeDatabase, createDatabase } from '@servicedesk/db'
import { explainConnection } from '../postgres/explain-connection.ts'

/**
 * Runs one whole sweep of the SLA clocks. Redis is not needed: the mails that it owes are sent by the workers' relay.
 * @returns what it did, in a sentence
 * @throws UserError when the database cannot be reached or entered
 */
export async function runSweep(databaseUrl: string): Promise<string> {
  const db = createDatabase(databaseUrl, { max: 1, applicationName: 'servicedesk-sla-sweep' })
  try {
    const started = performance.now()
    const configuration = createConfigurationCache(db, systemClock)
    const { breached, warned, recomputed } = await explainConnection(databaseUrl, () =>
      sweep({ db, clock: systemClock, dispatch: () => undefined, configuration }),
    )
    const seconds = ((performance.now() - started) / 1_000).toFixed(2)
    const recorded = `${count(breached, 'breach', 'breaches')} and ${count(warned, 'warning', 'warnings')}`
    return `Recorded ${recorded}, recomputed the clocks of ${count(recomputed, 'ticket', 'tickets')} in ${seconds} s.`
  } finally {
    await closeDatabase(db)
  }
}

const count = (many: number, one: string, more: string) => `${many} ${many === 1 ? one : more}`
