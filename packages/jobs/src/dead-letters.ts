import type { Database } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { catalogue } from './catalogue.ts'
import type { OutboxRow } from './emit.ts'

const ALERT = 'dead-letter.alert'

/**
 * Turns rows into dead letters: kept, counted and shown with the reason. The same statement owes admins an alert for
 * each, so none dies unheard and none is told of twice: a row that is done or dead already is left alone. A dead
 * alert owes no other.
 */
export async function failRows(
  db: Database,
  rows: readonly Pick<OutboxRow, 'id'>[],
  reason: string,
): Promise<void> {
  // PostgreSQL's texts hold no NUL; a handler's words may.
  const told = reason.replaceAll('\0', '').slice(0, 2_000)
  const ids = JSON.stringify(rows.map((row) => row.id))
  await db.execute(sql`
    WITH dead AS (
      UPDATE outbox SET failed_at = now(), last_error = ${told}, lease_until = NULL
      WHERE id IN (SELECT value::uuid FROM jsonb_array_elements_text(${ids}::jsonb))
        AND done_at IS NULL AND failed_at IS NULL
      RETURNING id, name, traceparent
    )
    INSERT INTO outbox (queue, name, payload, traceparent)
    SELECT ${catalogue[ALERT].queue}, ${ALERT}, jsonb_build_object('outbox_id', id), traceparent
    FROM dead WHERE name <> ${ALERT}`)
}

/** A row that nothing can come of, and why. */
export interface DeadRow {
  row: Pick<OutboxRow, 'id'>
  reason: string
}

/** {@link failRows} for rows with reasons of their own, in one statement a reason. */
export async function failEach(db: Database, dead: readonly DeadRow[]): Promise<void> {
  const byReason = new Map<string, DeadRow['row'][]>()
  for (const { row, reason } of dead) {
    const rows = byReason.get(reason)
    if (rows === undefined) byReason.set(reason, [row])
    else rows.push(row)
  }
  for (const [reason, rows] of byReason) await failRows(db, rows, reason)
}
