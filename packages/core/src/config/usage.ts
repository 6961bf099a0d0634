import type { Tx } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { conflict } from '../shared/errors.ts'

/** Counting stops here: it is for people, and tickets are many. */
const MOST_COUNTED = 1_000

/**
 * Refuses to delete what other rows refer to.
 * @param uses by what the rows are called in the plural, `FROM … WHERE …` that finds them
 * @throws DomainError 409 `in_use`, with the numbers as `used_by`
 */
export async function assertUnused(tx: Tx, what: string, uses: Record<string, SQL>): Promise<void> {
  const usedBy: Record<string, number> = {}
  for (const [name, rows] of Object.entries(uses)) {
    const [found] = await tx.execute<{ rows: number }>(
      sql`SELECT count(*)::int AS rows FROM (SELECT 1 ${rows} LIMIT ${MOST_COUNTED}) u`,
    )
    if (found !== undefined && found.rows > 0) usedBy[name.replaceAll(' ', '_')] = found.rows
  }
  const words = Object.entries(usedBy).map(
    ([name, rows]) => `${rows}${rows === MOST_COUNTED ? ' or more' : ''} ${name.replaceAll('_', ' ')}`,
  )
  if (words.length > 0) {
    throw conflict('in_use', `${what} is in use by ${words.join(', ')}`, { used_by: usedBy })
  }
}
