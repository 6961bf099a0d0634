import { type Metric, type Tx, toDate } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { takeAssignmentLock } from '../assignment/lock.ts'
import { returnToPool } from '../assignment/return-to-pool.ts'
import type { Configuration } from '../config/configuration.ts'
import { escalate } from '../escalation/escalate.ts'
import { type LockedTicket, lockTicket } from '../tickets/tickets.repo.ts'
import { isActive } from '../workflow/workflow.ts'

interface Breach extends Record<string, unknown> {
  ticket_id: number
  metric: Metric
  escalates: boolean
  reassigns: boolean
  is_cascade: boolean
  recorded_at: string
}

/** What a breach led to. */
export interface BreachActions {
  escalated: boolean
  reassigned: boolean
}

/**
 * Does what the policy that a clock was held against wants done about its breach, besides telling: raises escalation,
 * sends the ticket back to assignment. A job of its own, owed where the breach is recorded: a change that settles a
 * clock holds the ticket's row already, and the assignment lock must be taken before that.
 *
 * Nothing happens to a ticket that is done by now; nor does who was given the ticket after the breach lose it. A breach
 * that an escalation brought about, because the target of the higher priority had passed, does not escalate again.
 */
export async function actOnBreach(
  tx: Tx,
  configuration: Configuration,
  clockId: number,
  now: Date,
): Promise<BreachActions> {
  const none = { escalated: false, reassigned: false }
  const breach = await findBreach(tx, clockId)
  if (breach === undefined) return none
  const { escalates, reassigns } = breach
  if (reassigns) await takeAssignmentLock(tx)
  const ticket = await lockTicket(tx, breach.ticket_id, 0)
  if (ticket === undefined || ticket.isDeleted || !isActive(ticket.statusClass)) return none
  const reassigned = reassigns && (await takeAway(tx, ticket, toDate(breach.recorded_at), now))
  const escalated = escalates && !breach.is_cascade
  if (escalated) {
    const reason = `The ${breach.metric === 'resolution' ? 'resolution' : 'first response'} target was missed`
    await escalate({ tx, configuration, actor: null, now }, ticket, { reason })
  }
  return { escalated, reassigned }
}

/** The breach in the clock's log, and the policy that held then: by now it may be another. */
async function findBreach(tx: Tx, clockId: number): Promise<Breach | undefined> {
  const [row] = await tx.execute<Breach>(sql`
    SELECT k.ticket_id, k.metric, p.breach_escalate AS escalates, p.breach_reassign AS reassigns,
      (SELECT n.created_at FROM ticket_events n WHERE n.ticket_id = k.ticket_id AND n.type = 'sla_breach'
        AND n.data->>'metric' = k.metric ORDER BY n.seq DESC LIMIT 1) AS recorded_at,
      EXISTS (SELECT FROM sla_clock_events moved JOIN ticket_events raised ON raised.ticket_id = k.ticket_id
        WHERE moved.clock_id = k.id AND moved.seq = b.seq - 1 AND moved.type = 'apply_policy' AND moved.at = b.at
          AND raised.type = 'escalated' AND raised.created_at = moved.at) AS is_cascade
    FROM sla_clocks k JOIN sla_clock_events b ON b.clock_id = k.id AND b.type = 'breach'
    JOIN LATERAL (SELECT (e.data->>'policy_id')::bigint AS id FROM sla_clock_events e
      WHERE e.clock_id = k.id AND e.seq < b.seq AND e.type IN ('start', 'apply_policy')
      ORDER BY e.seq DESC LIMIT 1) held ON true
    JOIN sla_policies p ON p.id = held.id
    WHERE k.id = ${clockId}`)
  return row
}

/** Sends the ticket back to assignment, unless who has it got it only after the breach was recorded. */
async function takeAway(tx: Tx, ticket: LockedTicket, recordedAt: Date, now: Date): Promise<boolean> {
  const { id, assignedTo, statusClass } = ticket
  if (assignedTo === null) return false
  const [since] = await tx.execute<{ assigned_at: string }>(
    sql`SELECT assigned_at FROM assignments WHERE ticket_id = ${id} AND ended_at IS NULL`,
  )
  if (since !== undefined && toDate(since.assigned_at) > recordedAt) return false
  await returnToPool(tx, [{ id, assignedTo, countedAs: statusClass }], { actorId: null, passOver: true }, now)
  ticket.assignedTo = null
  return true
}
