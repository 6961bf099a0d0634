import type { Tx } from '@servicedesk/db'
import { emit } from '@servicedesk/jobs/emit'
import { sql } from 'drizzle-orm'
import { appendEvents } from '../tickets/events.ts'
import { addLoad, type Counted, holdCountingOf, loadChange } from './load.ts'

/** A ticket that its agent gives back; its row is locked by the caller. */
export interface ReturnedTicket {
  id: number
  assignedTo: number
  /** The class by which it counts for its agent; null when it does not, as one that is just reopened. */
  countedAs: Counted
}

/** Ends the current assignments of these tickets. */
export async function endAssignments(tx: Tx, ticketIds: readonly number[], now: Date): Promise<void> {
  await tx.execute(sql`UPDATE assignments SET ended_at = ${now.toISOString()}::timestamptz
    WHERE ticket_id = ANY (string_to_array(${ticketIds.join(',')}, ',')::bigint[]) AND ended_at IS NULL`)
}

/**
 * Takes tickets from their agents and lets them wait for assignment: assignments end, counters fall, timelines say
 * so, and a job is owed that assigns them anew. Call under the assignment lock, with the tickets' rows locked.
 * @param by who did it, null for the desk, and whether the next automatic assignment passes the former agent over
 */
export async function returnToPool(
  tx: Tx,
  tickets: readonly ReturnedTicket[],
  by: { actorId: number | null; passOver: boolean },
  now: Date,
): Promise<void> {
  const [first] = tickets
  if (first === undefined) return
  const ids = tickets.map((ticket) => ticket.id)
  const settings = await holdCountingOf(
    tx,
    tickets.map((ticket) => ticket.countedAs),
  )
  const changes = new Map<number, number>()
  for (const { assignedTo, countedAs } of tickets) {
    changes.set(assignedTo, (changes.get(assignedTo) ?? 0) + loadChange(settings, countedAs, null))
  }
  await tx.execute(sql`
    UPDATE tickets SET assigned_to = NULL, waiting_reason = NULL,
      passed_over = CASE WHEN ${by.passOver} THEN assigned_to END
    WHERE id = ANY (string_to_array(${ids.join(',')}, ',')::bigint[])`)
  await endAssignments(tx, ids, now)
  for (const [agentId, change] of [...changes].sort(([a], [b]) => a - b)) await addLoad(tx, agentId, change)
  await appendEvents(
    tx,
    tickets.map((ticket) => ({
      ticketId: ticket.id,
      type: 'unassigned' as const,
      actorId: by.actorId,
      at: now,
      data: { from: ticket.assignedTo },
    })),
  )
  // Freed capacity owes a drain, which finds them; where none was freed, one ticket stands for all.
  if ([...changes.values()].every((change) => change === 0))
    await emit(tx, 'ticket.assign', { ticket_id: first.id })
}
