import { collectLexemes, rebuildDays } from '@servicedesk/core'
import { closeDatabase, createDatabase } from '@servicedesk/db'

/**
 * What the desk's own jobs would have done in the year that a load makes up: the rollups that figures are read from, and the
 * words that mistyped ones are compared with.
 */
export async function rollUp(databaseUrl: string): Promise<void> {
  const db = createDatabase(databaseUrl, {
    max: 1,
    applicationName: 'servicedesk-bench',
    statementTimeoutMs: 0,
  })
  try {
    const { left } = await rebuildDays(db, () => undefined)
    if (left > 0) throw new Error(`${left} days were not rolled up`)
    // As if a moment had passed, which a change has to be seen. One turn is enough: the texts of a load come again and again.
    await collectLexemes(db, new Date(Date.now() + 120_000))
    await db.$client`
      UPDATE search_progress SET (updated_at, ticket_id) =
        (SELECT updated_at, id FROM tickets ORDER BY updated_at DESC, id DESC LIMIT 1)`
    await db.$client`VACUUM ANALYZE`
  } finally {
    await closeDatabase(db)
  }
}
