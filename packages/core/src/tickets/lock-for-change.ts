import type { Tx } from '@servicedesk/db'
import { canSeeTicket } from '../policy/policy.ts'
import type { Actor } from '../shared/actor.ts'
import { assertThat, conflict, DomainError, notFound } from '../shared/errors.ts'
import { ticketRef } from './ticket-id.ts'
import { type LockedTicket, lockTicket } from './tickets.repo.ts'

/** The versions that a client's `If-Match` names; undefined is any. */
export type IfMatch = readonly number[] | undefined

/**
 * Locks the row of a ticket that the caller is to change or add to.
 * @throws DomainError 404 for one that the caller may not see, 409 for a deleted one, which only admins still see
 */
export async function lockForChange(tx: Tx, actor: Actor, id: number): Promise<LockedTicket> {
  const ticket = await lockTicket(tx, id, actor.id)
  assertThat(ticket !== undefined && canSeeTicket(actor, ticket), notFound('Ticket'))
  assertThat(
    !ticket.isDeleted,
    conflict('ticket_deleted', `${ticketRef(id)} was deleted and cannot be changed`),
  )
  return ticket
}

/** @throws DomainError 412 when the client would change another version */
export function checkVersion(ticket: LockedTicket, ifMatch: IfMatch): void {
  if (ifMatch === undefined || ifMatch.includes(ticket.version)) return
  throw new DomainError('stale', 'stale_version', `The ticket is at version ${ticket.version} by now`)
}
