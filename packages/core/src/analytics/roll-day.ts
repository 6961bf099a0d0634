import { STATS_DIMENSIONS, type Tx } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { startOf } from './days.ts'
import { breachedFacts, keptFacts, moveFacts, type Span, settledFacts } from './facts.ts'

const spanOf = (day: string): Span => ({
  since: startOf(sql`${day}::date`),
  until: startOf(sql`${day}::date + 1`),
})

/** The rows of `stats_days` for a day, counted. A status is of interest only for what is settled. */
const countedDay = (day: string, span: Span): SQL => sql`
  SELECT ${day}::date AS day, d.dimension, d.key_id, sum(f.settled)::int AS settled, sum(f.met)::int AS met,
    sum(f.violated)::int AS violated, sum(f.handle_ms)::bigint AS handle_ms, sum(f.breached)::int AS clocks_breached,
    sum(f.kept)::int AS clocks_kept
  FROM (
    SELECT agent, priority, category, team, status, settled, met, violated, handle_ms, 0 AS breached, 0 AS kept
    FROM (${settledFacts(span)}) s
    UNION ALL SELECT agent, priority, category, team, NULL, 0, 0, 0, 0, 1, 0 FROM (${breachedFacts(span)}) b
    UNION ALL SELECT agent, priority, category, team, NULL, 0, 0, 0, 0, 0, 1 FROM (${keptFacts(span)}) k
  ) f CROSS JOIN LATERAL (VALUES ('all', 0), ('agent', coalesce(f.agent, 0)), ('priority', f.priority),
    ('category', f.category), ('team', coalesce(f.team, 0)), ('status', f.status)) d(dimension, key_id)
  WHERE d.key_id IS NOT NULL
  GROUP BY d.dimension, d.key_id`

/** The rows of `stats_slots` for a day, counted. */
const countedSlots = (day: string, span: Span): SQL => sql`
  SELECT date_bin('15 minutes', m.at, timestamptz 'epoch') AS slot, ${day}::date AS day, sum(m.created)::int AS created,
    sum(m.resolved)::int AS resolved, sum(m.reopened)::int AS reopened
  FROM (${moveFacts(span)}) m GROUP BY 1`

const DAY_COLUMNS = sql.raw(
  'day, dimension, key_id, settled, met, violated, handle_ms, clocks_breached, clocks_kept',
)
const SLOT_COLUMNS = sql.raw('slot, day, created, resolved, reopened')

/** Replaces what is kept of a day with what its rows come to in the transaction's snapshot. */
export async function writeDay(tx: Tx, day: string): Promise<void> {
  const span = spanOf(day)
  await tx.execute(
    sql`DELETE FROM stats_days WHERE dimension IN ${[...STATS_DIMENSIONS]} AND day = ${day}::date`,
  )
  await tx.execute(sql`DELETE FROM stats_slots WHERE day = ${day}::date`)
  await tx.execute(sql`INSERT INTO stats_days (${DAY_COLUMNS}) ${countedDay(day, span)}`)
  await tx.execute(sql`INSERT INTO stats_slots (${SLOT_COLUMNS}) ${countedSlots(day, span)}`)
}

/** How many rows that are kept of a day are not what its rows come to, or are missing. */
export async function wrongRows(tx: Tx, day: string): Promise<number> {
  const span = spanOf(day)
  const differences = (columns: SQL, table: SQL, counted: SQL) => sql`
    WITH kept AS (SELECT ${columns} FROM ${table} WHERE day = ${day}::date), counted AS (${counted})
    SELECT count(*) FROM (
      (SELECT ${columns} FROM kept EXCEPT SELECT ${columns} FROM counted)
      UNION ALL (SELECT ${columns} FROM counted EXCEPT SELECT ${columns} FROM kept)
    ) difference`
  const [row] = await tx.execute<{ many: number }>(sql`SELECT
    (${differences(DAY_COLUMNS, sql`stats_days`, countedDay(day, span))})
      + (${differences(SLOT_COLUMNS, sql`stats_slots`, countedSlots(day, span))}) AS many`)
  return row?.many ?? 0
}
