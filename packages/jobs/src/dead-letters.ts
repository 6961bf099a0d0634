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
  const ids = JSON.stringify(rows.map((row) => row.id))
  await db.execute(sql`
    WITH dead AS (
      UPDATE outbox SET failed_at = now(), last_error = ${reason.slice(0, 2_000)}, lease_until = NULL
      WHERE id IN (SELECT value::uuid FROM jsonb_array_elements_text(${ids}::jsonb))
        AND done_at IS NULL AND failed_at IS NULL
      RETURNING id, name, traceparent
    )
    INSERT INTO outbox (queue, name, payload, traceparent)
    SELECT ${catalogue[ALERT].queue}, ${ALERT}, jsonb_build_object('outbox_id', id), traceparent
    FROM dead WHERE name <> ${ALERT}`)
}
