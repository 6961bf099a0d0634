import { runPrepared, type Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'

const ASSIGNMENT_LOCK = 7_301_003
const COUNTING_LOCK = 7_301_004

/**
 * Serialises every path that gives a ticket to somebody, until the transaction ends. Counting and choosing
 * without it gives a spread of 8–13 tickets over 300, with it 0 (design.md, Assignment). To be taken before any
 * ticket row is locked, or two paths could wait for each other.
 */
export async function takeAssignmentLock(tx: Tx): Promise<void> {
  await runPrepared(tx, sql`SELECT pg_advisory_xact_lock(${ASSIGNMENT_LOCK})`)
}

/**
 * Holds what counts against a cap as it is, until the transaction ends: a ticket that is resolved while pending must
 * not be counted by one setting and taken off by another. Any number hold it at once, and no agent's row is locked
 * before it.
 */
export async function holdCounting(tx: Tx): Promise<void> {
  await runPrepared(tx, sql`SELECT pg_advisory_xact_lock_shared(${COUNTING_LOCK})`)
}

/** Waits for everybody who counts and keeps them out; taken after the assignment lock, to count anew. */
export async function stopCounting(tx: Tx): Promise<void> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(${COUNTING_LOCK})`)
}
