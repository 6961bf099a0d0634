import { tickets } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import { releaseAgent } from '../assignment/manual.ts'
import { changeClocks } from '../sla/ticket-clocks.ts'
import { type ChangeContext as Context, clockTicket } from './change-context.ts'
import { appendEvents } from './events.ts'
import type { LockedTicket } from './tickets.repo.ts'

/**
 * Deletes a locked ticket softly: its rows stay, and only admins still see it. Its clocks stop, after a breach that was
 * due by now was recorded; its agent's capacity is free; nothing assigns, sweeps, lists or counts it any more. Call
 * under the assignment lock.
 */
export async function deleteTicket(context: Context, ticket: LockedTicket): Promise<void> {
  const { tx, actor, configuration, now } = context
  const subject = clockTicket(configuration, ticket)
  // To a clock this is an end like closing.
  await changeClocks(tx, configuration, subject, { kind: 'status', to: 'closed' }, now)
  await releaseAgent(tx, { ...subject, statusClass: ticket.statusClass }, now)
  await tx
    .update(tickets)
    .set({ deletedAt: now, assignedTo: null, waitingReason: null, passedOver: null })
    .where(eq(tickets.id, ticket.id))
  const data = { status: ticket.statusName, assigned_to: ticket.assignedTo }
  await appendEvents(tx, [{ ticketId: ticket.id, type: 'ticket_deleted', actorId: actor.id, at: now, data }])
  Object.assign(ticket, { isDeleted: true, assignedTo: null })
}
