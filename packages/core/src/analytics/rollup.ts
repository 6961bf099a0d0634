import type { Database, Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { writeDay, wrongRows } from './roll-day.ts'

/** The class of the advisory locks that keep two from rolling one day; the key is the day's number. */
const ROLL_LOCK = 7_301
/** Days a run: each takes some ten milliseconds, and a worker that stops waits for the run. */
const MOST_DAYS = 200

const TODAY = sql`(now() AT TIME ZONE 'UTC')::date`

/**
 * Takes note of the UTC days that have ended since the first ticket. Their end is known as a transaction id too: who
 * got theirs before may still commit something of that day.
 */
async function noteEndedDays(db: Database): Promise<void> {
  await db.execute(sql`
    INSERT INTO stats_rolled (day, end_xid)
    SELECT d.day, pg_current_xact_id()::text::bigint FROM (
      SELECT day::date FROM generate_series(
        (SELECT min(created_at) AT TIME ZONE 'UTC' FROM tickets WHERE deleted_at IS NULL)::date, ${TODAY} - 1,
        interval '1 day') day
      UNION SELECT day FROM stats_marks WHERE day < ${TODAY}
    ) d WHERE NOT EXISTS (SELECT 1 FROM stats_rolled r WHERE r.day = d.day)
    ON CONFLICT DO NOTHING`)
}

/** The days that wait to be rolled, newest first: they are looked at most. */
async function waitingDays(db: Database): Promise<string[]> {
  const rows = await db.execute<{ day: string }>(sql`
    SELECT day::text AS day FROM stats_rolled WHERE rolled_at IS NULL
    UNION SELECT day::text FROM stats_marks WHERE day < ${TODAY}
    ORDER BY day DESC`)
  return rows.map((row) => row.day)
}

/** Ids that were not given yet are of another server, from which the database was restored. */
const LATE_COMMITS_ARE_OVER = sql`(pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= end_xid
  OR pg_snapshot_xmax(pg_current_snapshot())::text::bigint < end_xid)`

type Look = (tx: Tx) => Promise<boolean>

/**
 * Rolls a day in a snapshot of its own, with the marks that it sees; `look` is asked there whether to. Nothing happens
 * while somebody else rolls the day, or may still commit what belongs to it.
 * @returns whether it was rolled
 */
async function rollDay(db: Database, day: string, look?: Look): Promise<boolean> {
  try {
    return await db.transaction(
      async (tx) => {
        const [may] = await tx.execute<{ ok: boolean }>(sql`
          SELECT pg_try_advisory_xact_lock(${ROLL_LOCK}, ${day}::date - date '1970-01-01')
            AND (rolled_at IS NOT NULL OR ${LATE_COMMITS_ARE_OVER}) AS ok
          FROM stats_rolled WHERE day = ${day}::date`)
        if (may?.ok !== true || (look !== undefined && !(await look(tx)))) return false
        // Always this row, and first: of two whose snapshots are of before each other's commit the later one fails here, and
        // not at rows that it cannot see.
        await tx.execute(sql`UPDATE stats_rolled SET rolled_at = clock_timestamp() WHERE day = ${day}::date`)
        await writeDay(tx, day)
        await tx.execute(sql`DELETE FROM stats_marks WHERE day = ${day}::date`)
        return true
      },
      { isolationLevel: 'repeatable read' },
    )
  } catch (error) {
    if (isOvertaken(error)) return false
    throw error
  }
}

/** A serialization failure: somebody else has rolled the day after the snapshot was taken. */
function isOvertaken(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  return typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === '40001'
}

export interface Rolled {
  /** How many days were rolled. */
  days: number
  /** There was more than one run may do: another should follow. */
  more: boolean
}

/**
 * Rolls the days that have ended and are not rolled, and those that changed since. Any number may run side by side, and
 * be killed: each day is a transaction. A day whose late commits are not over yet is left to the next run.
 */
export async function rollDays(db: Database, most = MOST_DAYS): Promise<Rolled> {
  await noteEndedDays(db)
  const waiting = await waitingDays(db)
  let days = 0
  for (const day of waiting.slice(0, most)) if (await rollDay(db, day)) days += 1
  return { days, more: days > 0 && waiting.length > most }
}

/**
 * Compares what is kept of a random day with its rows, and mends it when it differs, which only a fault of ours or a
 * change by hand can bring about.
 * @returns the day and how many of its rows were wrong; undefined when there was no day to look at
 */
export async function checkRandomDay(db: Database): Promise<{ day: string; wrong: number } | undefined> {
  const [row] = await db.execute<{ day: string }>(sql`
    SELECT day::text AS day FROM stats_rolled r WHERE rolled_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM stats_marks m WHERE m.day = r.day)
    ORDER BY random() LIMIT 1`)
  if (row === undefined) return undefined
  let wrong = 0
  await rollDay(db, row.day, async (tx) => {
    // Marked meanwhile, it would differ for a good reason.
    const [mark] = await tx.execute(sql`SELECT 1 FROM stats_marks WHERE day = ${row.day}::date LIMIT 1`)
    if (mark !== undefined) return false
    wrong = await wrongRows(tx, row.day)
    return wrong > 0
  })
  return { day: row.day, wrong }
}

/**
 * Rolls every day that has ended anew, newest first; figures stay available, and the desk may go on.
 * @param progress is told after each day
 */
export async function rebuildDays(
  db: Database,
  progress: (done: number, all: number) => void,
): Promise<{ days: number; left: number }> {
  await noteEndedDays(db)
  const rows = await db.execute<{ day: string }>(
    sql`SELECT day::text AS day FROM stats_rolled ORDER BY day DESC`,
  )
  let days = 0
  for (const [index, { day }] of rows.entries()) {
    if (await rollDay(db, day)) days += 1
    progress(index + 1, rows.length)
  }
  return { days, left: rows.length - days }
}
