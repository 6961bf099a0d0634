import { rebuildDays } from '@servicedesk/core'
import { closeDatabase, createDatabase } from '@servicedesk/db'
import { explainConnection } from '../postgres/explain-connection.ts'

/** How often the progress is told, at least. */
const EVERY_MS = 2_000

/**
 * Rolls every day up anew from its rows. The desk may go on, and figures stay available.
 * @param progress is told in sentences how far it has come
 * @returns what was done, in a sentence
 * @throws UserError when the database cannot be reached or entered
 */
export async function runRebuild(databaseUrl: string, progress: (line: string) => void): Promise<string> {
  const db = createDatabase(databaseUrl, {
    max: 1,
    applicationName: 'servicedesk-stats-rebuild',
    // A busy day of a large desk may take a while.
    statementTimeoutMs: 0,
  })
  try {
    const started = performance.now()
    let told = started
    const { days, left } = await explainConnection(databaseUrl, () =>
      rebuildDays(db, (done, all) => {
        if (performance.now() - told < EVERY_MS) return
        told = performance.now()
        progress(`${done} of ${all} days`)
      }),
    )
    const seconds = ((performance.now() - started) / 1_000).toFixed(2)
    const rest =
      left === 0 ? '' : ` ${count(left)} somebody else rolls, or may still change; they follow by themselves.`
    return `Rolled up ${count(days)} in ${seconds} s.${rest}`
  } finally {
    await closeDatabase(db)
  }
}

const count = (days: number) => `${days} ${days === 1 ? 'day' : 'days'}`
