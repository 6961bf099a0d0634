import type { Database } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { dispatchRows } from './dispatch.ts'
import type { OutboxRow } from './emit.ts'
import { reached } from './milestones.ts'
import type { JobObserver } from './observe.ts'
import type { Queues } from './queues.ts'

const BATCH = 500
/** Longer than a dispatch can take (Redis commands give up after a second), so that two relays never share a row. */
const LEASE_SECONDS = 30

/**
 * Leases overdue rows in one short statement. SKIP LOCKED lets any number of relays run side by side; no
 * transaction stays open while Redis is spoken to. Rows that commit late are seen by the next turn, because
 * nothing remembers a highest id.
 */
export async function leaseRows(db: Database, limit = BATCH): Promise<OutboxRow[]> {
  const rows = await db.execute<{
    id: string
    queue: string
    name: string
    payload: unknown
    attempts: number
    traceparent: string | null
  }>(sql`
    UPDATE outbox SET lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
    WHERE id IN (
      SELECT id FROM outbox
      WHERE dispatched_at IS NULL AND done_at IS NULL AND failed_at IS NULL
        AND available_at <= now() AND (lease_until IS NULL OR lease_until < now())
      ORDER BY available_at
      LIMIT ${limit}
      FOR UPDATE SKIP LOCKED
    )
    RETURNING id, queue, name, payload, attempts, traceparent`)
  // RETURNING has no order of its own; uuid v7 sorts by the time of the emit.
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Gives a lease back, so that the rows need not wait for it to run out. */
async function releaseRows(db: Database, rows: readonly OutboxRow[]): Promise<void> {
  const ids = JSON.stringify(rows.map((row) => row.id))
  await db.execute(sql`
    UPDATE outbox SET lease_until = NULL
    WHERE dispatched_at IS NULL AND id IN (SELECT value::uuid FROM jsonb_array_elements_text(${ids}::jsonb))`)
}

/**
 * One turn of the relay: sends overdue rows until none is left.
 * @returns how many were dispatched
 * @throws when Redis or PostgreSQL is away; the rows stay owed
 */
export async function relayOnce(
  db: Database,
  queues: Queues,
  observer?: Pick<JobObserver, 'batchSent'>,
): Promise<number> {
  let sent = 0
  for (;;) {
    const rows = await leaseRows(db)
    if (rows.length === 0) return sent
    reached('leased', rows)
    try {
      sent += await dispatchRows(db, queues, rows)
      observer?.batchSent({ by: 'relay', rows: rows.length, isSent: true })
    } catch (error) {
      observer?.batchSent({ by: 'relay', rows: rows.length, isSent: false })
      await releaseRows(db, rows)
      throw error
    }
    if (rows.length < BATCH) return sent
  }
}
