import type { Tx } from '@servicedesk/db'
import type { Configuration } from '../config/configuration.ts'
import type { Actor } from '../shared/actor.ts'
import type { ClockTicket } from '../sla/ticket-clocks.ts'
import type { LockedTicket } from './tickets.repo.ts'

/** What every change of a ticket is made with. */
export interface ChangeContext {
  tx: Tx
  actor: Actor
  configuration: Configuration
  now: Date
}

/** The ticket as breaches and mails mention it. */
export function clockTicket(configuration: Configuration, ticket: LockedTicket): ClockTicket {
  const priority = configuration.priorities.find((row) => row.id === ticket.priorityId)?.name ?? ''
  const { id, title, assignedTo, statusClass, priorityId, categoryId, teamId } = ticket
  return { id, title, priority, assignedTo, statusClass, priorityId, categoryId, teamId }
}
