import type { StatusClass } from '@servicedesk/db'
import type { Actor } from '../shared/actor.ts'
import { isStaff } from './roles.ts'

type Who = Pick<Actor, 'id' | 'role'>

/** What the rules need to know of a ticket. */
export interface TicketFacts {
  createdBy: number
  isWatcher: boolean
  statusClass: StatusClass
  statusName: string
  isDeleted: boolean
}

/** Staff see every ticket, requesters those they created or watch; a deleted one only admins see. */
export function canSeeTicket(
  actor: Who,
  ticket: Pick<TicketFacts, 'createdBy' | 'isWatcher' | 'isDeleted'>,
): boolean {
  if (ticket.isDeleted) return actor.role === 'System Admin'
  return isStaff(actor.role) || ticket.createdBy === actor.id || ticket.isWatcher
}

/** Requesters may correct their own words until somebody works on them: while New or Open, whatever those are called. */
export function canEditText(actor: Who, ticket: TicketFacts, isUntouched: boolean): boolean {
  return isStaff(actor.role) || (ticket.createdBy === actor.id && isUntouched)
}

/** Internal notes are for staff, to write and to read. */
export function canSeeInternal(actor: Who): boolean {
  return isStaff(actor.role)
}

/** Creating for another is staff's; naming oneself is always allowed. */
export function canCreateFor(actor: Who, requesterId: number): boolean {
  return requesterId === actor.id || isStaff(actor.role)
}

/** Requesters reopen what is Resolved, or Closed within this time. */
export const REOPEN_WINDOW_MS = 14 * 24 * 3_600_000

/** The moves that requesters can make at all, whatever a transition's roles say: to close, and to reopen. */
export function canRequestersTake(from: StatusClass, to: StatusClass): boolean {
  return to === 'closed' || (to === 'open' && (from === 'resolved' || from === 'closed'))
}

/** What a requester may do to the status of an own ticket; the transition's roles are checked beside this. */
export function canRequesterMove(
  actor: Who,
  ticket: TicketFacts & { closedAt: Date | null },
  toClass: StatusClass,
  now: Date,
): boolean {
  if (ticket.createdBy !== actor.id || !canRequestersTake(ticket.statusClass, toClass)) return false
  if (toClass === 'closed' || ticket.statusClass !== 'closed') return true
  return ticket.closedAt !== null && now.getTime() - ticket.closedAt.getTime() <= REOPEN_WINDOW_MS
}
