import { tickets } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import { firstOfClass } from '../config/configuration.ts'
import { isStaff } from '../policy/roles.ts'
import { assertThat, conflict, forbidden } from '../shared/errors.ts'
import { type ChangeContext, clockTicket } from '../tickets/change-context.ts'
import { moveTicket } from '../tickets/change-status.ts'
import type { LockedTicket } from '../tickets/tickets.repo.ts'
import { isActive } from '../workflow/workflow.ts'
import { type Giving, giveTo, releaseAgent } from './manual.ts'
import { returnToPool } from './return-to-pool.ts'

/** @throws DomainError 403 for requesters, 409 for a ticket that is done */
export function assertAssignable({ actor }: Pick<ChangeContext, 'actor'>, ticket: LockedTicket): void {
  assertThat(isStaff(actor.role), forbidden('Only staff assign tickets'))
  assertThat(
    isActive(ticket.statusClass),
    conflict(
      'ticket_not_active',
      `A ticket that is ${ticket.statusName} cannot be assigned; reopen it first`,
    ),
  )
}

/**
 * Gives a locked ticket to an agent, or with null back to assignment, which passes the former agent over once. New
 * becomes Open. Call under the assignment lock, and not for the agent who has it.
 * @throws DomainError 400 for who is no agent, 403, 409 over capacity or for a ticket that is done
 */
export async function reassign(
  context: ChangeContext,
  ticket: LockedTicket,
  agentId: number | null,
  options: Omit<Giving, 'actor'>,
): Promise<void> {
  const { tx, actor, configuration, now } = context
  assertAssignable(context, ticket)
  if (agentId === null) {
    if (ticket.assignedTo === null) return
    const returned = { id: ticket.id, assignedTo: ticket.assignedTo, countedAs: ticket.statusClass }
    await returnToPool(tx, [returned], { actorId: actor.id, passOver: true }, now)
    ticket.assignedTo = null
    return
  }
  const assignable = { ...clockTicket(configuration, ticket), statusClass: ticket.statusClass }
  await releaseAgent(tx, assignable, now)
  // Before the ticket's row names the agent: who is none is refused here, in words that clients understand.
  await giveTo(context, assignable, agentId, { actor, ...options })
  await tx
    .update(tickets)
    .set({ assignedTo: agentId, waitingReason: null, passedOver: null })
    .where(eq(tickets.id, ticket.id))
  ticket.assignedTo = agentId
  // Given to somebody, New becomes Open by itself: no transition that a role must be allowed to take.
  if (ticket.statusClass === 'new') {
    await moveTicket(context, ticket, firstOfClass(configuration, 'open'), { byTheDesk: true })
  }
}
