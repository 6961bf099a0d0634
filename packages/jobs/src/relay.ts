import type { Database } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { dispatchRows } from './dispatch.ts'
import type { OutboxRow } from './emit.ts'
import { reached } from './milestones.ts'
import type { JobObserver } from './observe.ts'
import type { Queues } from './queues.ts'

type BatchObserver = Pick<JobObserver, 'batchSent'>

const BATCH = 500
/** While one batch is in Redis another is leased or marked. */
const LANES = 2
/** Longer than a dispatch can take (Redis commands give up after a second), so that two relays never share a row. */
const LEASE_SECONDS = 30
/** No lease that we give is longer: one that ends later was written by hand and counts for nothing. */
const LONGEST_LEASE_SECONDS = 60

/**
 * Leases overdue rows in one short statement, those that are due for longest first. SKIP LOCKED lets any number of
 * relays run side by side without sharing a row, and the lease keeps it from the others until it is marked; no
 * transaction stays open while Redis is spoken to. Rows that commit late are seen by the next turn, because nothing
 * remembers a highest id. `available_at` of infinity means never.
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
    WITH leased AS (
      UPDATE outbox SET lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
      WHERE id IN (
        SELECT id FROM outbox
        WHERE dispatched_at IS NULL AND done_at IS NULL AND failed_at IS NULL AND available_at <= now()
          AND (lease_until IS NULL OR lease_until < now()
            OR lease_until > now() + make_interval(secs => ${LONGEST_LEASE_SECONDS}))
        ORDER BY available_at, id
        LIMIT ${limit}
        FOR UPDATE SKIP LOCKED
      )
      RETURNING id, queue, name, payload, attempts, traceparent, available_at
    )
    SELECT id, queue, name, payload, attempts, traceparent FROM leased ORDER BY available_at, id`)
  return [...rows]
}

/** Gives a lease back, so that the rows need not wait for it to run out. */
async function releaseRows(db: Database, rows: readonly OutboxRow[]): Promise<void> {
  const ids = `{${rows.map((row) => row.id).join()}}`
  await db.execute(sql`
    UPDATE outbox SET lease_until = NULL WHERE dispatched_at IS NULL AND id = ANY (${ids}::uuid[])`)
}

/**
 * One turn of the relay: sends overdue rows until none is left.
 * @returns how many were dispatched
 * @throws when Redis or PostgreSQL is away; the rows stay owed
 */
export async function relayOnce(db: Database, queues: Queues, observer?: BatchObserver): Promise<number> {
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, () => relayLane(db, queues, observer)))
  const sent = lanes.map((lane) => {
    if (lane.status === 'rejected') throw lane.reason
    return lane.value
  })
  return sent.reduce((sum, each) => sum + each, 0)
}

async function relayLane(db: Database, queues: Queues, observer: BatchObserver | undefined): Promise<number> {
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
