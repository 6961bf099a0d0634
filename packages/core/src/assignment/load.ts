import type { StatusClass, Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { isActive } from '../workflow/workflow.ts'
import { type AssignmentSettings, readAssignmentSettings } from './assignment-settings.ts'
import { oweDrain } from './drain.ts'
import { holdCounting } from './lock.ts'

type Counting = Pick<AssignmentSettings, 'pending_frees_capacity'>

/** What a ticket is to an agent's counter: its class while it is theirs, null while it is not. */
export type Counted = StatusClass | null

/** Whether a ticket that somebody has counts against their cap. What counts is decided here and nowhere else. */
export function countsAgainstCap(statusClass: StatusClass, settings: Counting): boolean {
  return isActive(statusClass) && !(settings.pending_frees_capacity && statusClass === 'pending')
}

/**
 * The setting by which these are counted: read only where it matters, and held then until the transaction ends. Call
 * before an agent's row is locked.
 */
export async function holdCountingOf(tx: Tx, classes: readonly Counted[]): Promise<Counting> {
  if (!classes.includes('pending')) return { pending_frees_capacity: false }
  await holdCounting(tx)
  return readAssignmentSettings(tx)
}

/** By how much a counter changes when a ticket goes from one class to another. */
export function loadChange(settings: Counting, from: Counted, to: Counted): number {
  const load = (each: Counted) => (each !== null && countsAgainstCap(each, settings) ? 1 : 0)
  return load(to) - load(from)
}

/**
 * Moves an agent's counter as a ticket of theirs goes from one class to another; freed capacity owes a drain.
 * @returns the change
 */
export async function moveLoad(tx: Tx, agentId: number, from: Counted, to: Counted): Promise<number> {
  const change = loadChange(await holdCountingOf(tx, [from, to]), from, to)
  await addLoad(tx, agentId, change)
  return change
}

/** Adds to an agent's counter; freed capacity owes a drain. */
export async function addLoad(tx: Tx, agentId: number, change: number): Promise<void> {
  if (change === 0) return
  // A counter that was wrong must not make what frees capacity fail; the scheduled count mends it.
  await tx.execute(sql`UPDATE agents SET active_tickets = greatest(active_tickets + ${change}, 0)
    WHERE user_id = ${agentId}`)
  if (change < 0) await oweDrain(tx)
}
