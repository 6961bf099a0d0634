import type { Database } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'

/** Tickets a statement, each a transaction of its own of some 100 milliseconds. */
const BATCH = 1_000
/** Statements a run, so that a run ends well within the time that a worker has to stop. */
const BATCHES = 20
/** A change is seen when it commits, at most this long after its `updated_at`; searches read what is newer themselves. */
const SETTLED_MS = 60_000

/** The public words (of letters only) of `tickets`, a subquery of id, title and description, as people wrote them: `lexeme`, with repeats. */
export function wordsOf(tickets: SQL): SQL {
  return sql`
    SELECT w.lexeme FROM ${tickets} t
    CROSS JOIN LATERAL (
      SELECT t.title || ' ' || t.description AS text
      UNION ALL SELECT m.body FROM messages m WHERE m.ticket_id = t.id AND NOT m.is_internal) said
    CROSS JOIN LATERAL unnest(to_tsvector('simple', said.text)) w
    WHERE length(w.lexeme) BETWEEN 3 AND 40 AND w.lexeme !~ '[^[:alpha:]]'`
}

export interface Collected {
  /** Tickets that were read. */
  tickets: number
  /** There was more than one run may read: another should follow. */
  more: boolean
}

/**
 * Adds the words of tickets that changed to those that a mistyped word is compared with. Any number may run at once, and
 * what is read twice changes nothing.
 */
export async function collectLexemes(
  db: Database,
  now: Date,
  bounds: { limit?: number; batches?: number } = {},
): Promise<Collected> {
  const { limit = BATCH, batches = BATCHES } = bounds
  const settled = new Date(now.getTime() - SETTLED_MS).toISOString()
  const collected: Collected = { tickets: 0, more: false }
  for (let batch = 1; ; batch += 1) {
    const read = await collectBatch(db, settled, limit)
    collected.tickets += read
    if (read < limit) return collected
    if (batch === batches) return { ...collected, more: true }
  }
}

async function collectBatch(db: Database, settled: string, limit: number): Promise<number> {
  const [row] = await db.execute<{ tickets: number }>(sql`
    WITH progress AS (
      SELECT coalesce(max(updated_at), '-infinity') AS updated_at, coalesce(max(ticket_id), 0) AS ticket_id
      FROM search_progress
    ), batch AS MATERIALIZED (
      SELECT t.id, t.title, t.description, t.updated_at FROM tickets t
      WHERE t.deleted_at IS NULL AND t.updated_at < ${settled}::timestamptz
        AND (t.updated_at, t.id) > ((SELECT updated_at FROM progress), (SELECT ticket_id FROM progress))
      ORDER BY t.updated_at, t.id LIMIT ${limit}
    ), added AS (
      -- In one order, so that two that add the same words wait for each other instead of both.
      INSERT INTO search_lexemes (lexeme) SELECT DISTINCT lexeme FROM (${wordsOf(sql`batch`)}) w ORDER BY lexeme
      ON CONFLICT DO NOTHING
    ), moved AS (
      INSERT INTO search_progress (updated_at, ticket_id)
      SELECT updated_at, id FROM batch ORDER BY updated_at DESC, id DESC LIMIT 1
      ON CONFLICT (is_only) DO UPDATE SET updated_at = excluded.updated_at, ticket_id = excluded.ticket_id
      WHERE (excluded.updated_at, excluded.ticket_id) > (search_progress.updated_at, search_progress.ticket_id)
    )
    SELECT count(*)::int AS tickets FROM batch`)
  return row?.tickets ?? 0
}
