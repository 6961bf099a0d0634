import { tickets } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import { notify } from '../alerts/notify.ts'
import { followStatus } from '../assignment/follow-status.ts'
import { returnToPool } from '../assignment/return-to-pool.ts'
import type { Configuration, StatusRow } from '../config/configuration.ts'
import { canRequesterMove } from '../policy/policy.ts'
import { isStaff } from '../policy/roles.ts'
import { conflict, DomainError } from '../shared/errors.ts'
import { changeClocks } from '../sla/ticket-clocks.ts'
import { allowedTransitions, isActive } from '../workflow/workflow.ts'
import { type ChangeContext as Context, clockTicket } from './change-context.ts'
import { appendEvents } from './events.ts'
import { ticketRef } from './ticket-id.ts'
import { type LockedTicket, watcherIds } from './tickets.repo.ts'

/**
 * Moves a locked ticket to another status: workflow and role are checked, clocks stop, pause or resume, the
 * agent's counter follows, and requester and watchers are told.
 * @throws DomainError 403 for a transition of other roles, 409 for one that there is not, both with `allowed_transitions`
 */
export async function moveTicket(
  context: Context,
  ticket: LockedTicket,
  to: StatusRow,
  options: { byTheDesk?: boolean } = {},
): Promise<void> {
  const { tx, actor, now } = context
  const from = statusOf(context.configuration, ticket.statusId)
  if (!options.byTheDesk) checkMove(context, ticket, from, to)
  const isDone = to.class === 'resolved' || to.class === 'closed'
  await tx
    .update(tickets)
    .set({
      statusId: to.id,
      statusClass: to.class,
      resolvedAt: isDone ? (ticket.resolvedAt ?? now) : null,
      closedAt: to.class === 'closed' ? (ticket.closedAt ?? now) : null,
      // A ticket that goes on waiting keeps its reason: supervisors are told once.
      ...(isActive(ticket.statusClass) && isActive(to.class) ? {} : { waitingReason: null }),
    })
    .where(eq(tickets.id, ticket.id))
  const [eventSeq] = await appendEvents(tx, [
    {
      ticketId: ticket.id,
      type: 'status_changed',
      actorId: actor.id,
      at: now,
      data: { from: from.name, to: to.name, from_class: from.class, to_class: to.class },
    },
  ])
  const was = ticket.statusClass
  Object.assign(ticket, { statusId: to.id, statusClass: to.class, statusName: to.name })
  if (was !== to.class)
    await changeClocks(
      tx,
      context.configuration,
      clockTicket(context.configuration, ticket),
      { kind: 'status', to: to.class },
      now,
    )
  if (was !== to.class) await followStatus(context, ticket, was)
  // What is assigned is not New: whoever has it gives it back.
  if (to.class === 'new' && ticket.assignedTo !== null) {
    const returned = { id: ticket.id, assignedTo: ticket.assignedTo, countedAs: to.class }
    await returnToPool(tx, [returned], { actorId: actor.id, passOver: false }, now)
    ticket.assignedTo = null
  }
  if (!options.byTheDesk) await tell(context, ticket, { from, to, eventSeq })
}

function statusOf(configuration: Configuration, id: number): StatusRow {
  const row = configuration.statuses.find((status) => status.id === id)
  if (row === undefined) throw new Error(`status ${id} is not configured`)
  return row
}

function checkMove(
  { actor, configuration, now }: Context,
  ticket: LockedTicket,
  from: StatusRow,
  to: StatusRow,
): void {
  const allowed = allowedTransitions(configuration, from, actor.role).filter(
    (status) => isStaff(actor.role) || canRequesterMove(actor, ticket, status.class, now),
  )
  if (allowed.some((status) => status.id === to.id)) return
  const isKnown = configuration.transitions.some(
    (each) => each.fromStatusId === from.id && each.toStatusId === to.id,
  )
  const extra = { allowed_transitions: allowed.map((status) => status.name) }
  if (isKnown) {
    const message = `You may not move this ticket from ${from.name} to ${to.name}`
    throw new DomainError('forbidden', 'forbidden', message, { extra })
  }
  throw conflict('transition_not_allowed', `A ticket cannot go from ${from.name} to ${to.name}`, extra)
}

async function tell(
  { tx, configuration, actor, now }: Context,
  ticket: LockedTicket,
  { from, to, eventSeq }: { from: StatusRow; to: StatusRow; eventSeq: number | undefined },
): Promise<void> {
  const audience = new Set([ticket.createdBy, ...(await watcherIds(tx, ticket.id))])
  audience.delete(actor.id)
  await notify(
    tx,
    [...audience].map((userId) => ({
      userId,
      type: 'status_change' as const,
      ticketId: ticket.id,
      at: now,
      eventSeq,
      title: `${ticketRef(ticket.id)} is now ${to.name}`,
      message: ticket.title,
      mail: {
        template: 'status_change',
        params: { title: ticket.title, old_status: from.name, new_status: to.name, actor: actor.name },
        // Mailed to the requester; watchers read it in the desk, unless they want it otherwise.
        isOnRequest: userId !== ticket.createdBy,
      },
    })),
    configuration.mail,
  )
}
