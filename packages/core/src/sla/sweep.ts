import type { Tx } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { type DueClock, recordBreaches, recordWarnings } from './breach.ts'

const BATCH = 500

export interface SweepResult {
  breached: number
  warned: number
  /** A full batch: there may be more. */
  more: boolean
}

/**
 * One batch of the sweep: records what is due and what is near, each once, however many sweeps run side by side
 * (locked rows are skipped, and are the other sweep's or the next one's).
 */
export async function sweepBatch(tx: Tx, now: Date, limit = BATCH): Promise<SweepResult> {
  const at = sql`${now.toISOString()}::timestamptz`
  const due = await lockDue(tx, sql`k.due_at <= ${at}`, sql`k.due_at`, limit)
  await recordBreaches(tx, due, now)
  // A clock that was both near and due is breached; warning of it would say nothing new.
  const near = await lockDue(
    tx,
    sql`k.warned_at IS NULL AND k.warn_at <= ${at} AND k.due_at > ${at}`,
    sql`k.warn_at`,
    limit,
  )
  await recordWarnings(tx, near, now)
  return { breached: due.length, warned: near.length, more: due.length === limit || near.length === limit }
}

/** Locks the clocks with their tickets, so that nothing that follows can wait for another's lock. */
async function lockDue(tx: Tx, condition: SQL, order: SQL, limit: number): Promise<DueClock[]> {
  return tx.execute<DueClock>(sql`
    SELECT k.id, k.ticket_id, k.metric, k.due_at, t.title, t.assigned_to, p.name AS priority
    FROM sla_clocks k JOIN tickets t ON t.id = k.ticket_id JOIN priorities p ON p.id = t.priority_id
    WHERE k.state = 'running' AND k.breached_at IS NULL AND ${condition}
    ORDER BY ${order} LIMIT ${limit}
    FOR UPDATE OF k, t SKIP LOCKED`)
}
