import type { StatusClass, Tx } from '@servicedesk/db'
import { emit } from '@servicedesk/jobs/emit'
import { sql } from 'drizzle-orm'
import type { ChangeContext } from '../tickets/change-context.ts'
import type { LockedTicket } from '../tickets/tickets.repo.ts'
import { isActive } from '../workflow/workflow.ts'
import { isAvailableAgent } from './candidates.ts'
import { holdCountingOf, loadChange, moveLoad } from './load.ts'
import { returnToPool } from './return-to-pool.ts'

/**
 * Lets assignment follow a change of a ticket's class, which the locked ticket has by now. A ticket that is done, or
 * paused where pausing frees capacity, leaves its agent's counter; a resumed one counts again and stays with its agent
 * even over the cap, because the work on it is theirs; a reopened one returns to its agent, or waits when they cannot
 * take it. A class that becomes active needs the assignment lock, taken before the ticket's row.
 */
export async function followStatus(
  context: Pick<ChangeContext, 'tx' | 'actor' | 'now'>,
  ticket: LockedTicket,
  was: StatusClass,
): Promise<void> {
  const { tx, actor, now } = context
  const isReopened = !isActive(was) && isActive(ticket.statusClass)
  if (ticket.assignedTo === null) {
    if (isReopened) await emit(tx, 'ticket.assign', { ticket_id: ticket.id })
  } else if (!isReopened) {
    const change = await moveLoad(tx, ticket.assignedTo, was, ticket.statusClass)
    if (change > 0) await noteOverCap(tx, ticket.id)
  } else if (!(await takeBack(tx, ticket.assignedTo, ticket.statusClass, now))) {
    const returned = { id: ticket.id, assignedTo: ticket.assignedTo, countedAs: null }
    await returnToPool(tx, [returned], { actorId: actor.id, passOver: false }, now)
    ticket.assignedTo = null
  }
}

async function takeBack(tx: Tx, agentId: number, statusClass: StatusClass, now: Date): Promise<boolean> {
  const load = loadChange(await holdCountingOf(tx, [statusClass]), null, statusClass)
  const rows = await tx.execute(sql`
    UPDATE agents a SET active_tickets = active_tickets + ${load} FROM users u
    WHERE a.user_id = ${agentId} AND u.id = a.user_id AND ${isAvailableAgent(now, true)}
      AND (${load} = 0 OR a.active_tickets < a.max_tickets)
    RETURNING a.user_id`)
  return rows.length === 1
}

/** Says once beside the choice that resuming took the agent over the cap. */
async function noteOverCap(tx: Tx, ticketId: number): Promise<void> {
  const note = '; resumed and kept, although over the cap'
  await tx.execute(sql`
    UPDATE assignments s SET reason = s.reason || ${note}::text FROM agents a
    WHERE s.ticket_id = ${ticketId} AND s.ended_at IS NULL AND a.user_id = s.agent_id
      AND a.active_tickets > a.max_tickets AND strpos(s.reason, ${note}::text) = 0`)
}
