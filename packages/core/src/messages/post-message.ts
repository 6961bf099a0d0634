import { messages, type Tx, tickets } from '@servicedesk/db'
import { and, eq } from 'drizzle-orm'
import { notify } from '../alerts/notify.ts'
import type { Configuration } from '../config/configuration.ts'
import { canSeeInternal } from '../policy/policy.ts'
import { isStaff } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { invalid } from '../shared/errors.ts'
import { changeClocks } from '../sla/ticket-clocks.ts'
import { clockTicket } from '../tickets/change-context.ts'
import { appendEvents } from '../tickets/events.ts'
import { lockForChange } from '../tickets/lock-for-change.ts'
import { messageAlerts } from './message-alerts.ts'
import type { MessageRow } from './message-view.ts'

export interface NewMessage {
  ticketId: number
  body: string
  isInternal?: boolean | undefined
  replyTo?: number | null | undefined
  imageUrl?: string | null | undefined
}

/**
 * Says something on a ticket. The first public word by staff other than the requester stops the first-response
 * clock; the other side, watchers and the mentioned are told; a requester's message is never internal.
 * @throws DomainError 404 for the ticket, 409 for a deleted one, 400 for a reply to what is not in it
 */
export async function postMessage(
  tx: Tx,
  configuration: Configuration,
  actor: Actor,
  input: NewMessage,
  now: Date,
): Promise<MessageRow> {
  const ticket = await lockForChange(tx, actor, input.ticketId)
  const isInternal = (input.isInternal ?? false) && canSeeInternal(actor)
  if (input.replyTo != null) await checkReply(tx, ticket.id, input.replyTo, isInternal)
  const [row] = await tx
    .insert(messages)
    .values({
      ticketId: ticket.id,
      senderId: actor.id,
      body: input.body,
      isInternal,
      replyTo: input.replyTo ?? null,
      imageUrl: input.imageUrl ?? null,
      createdAt: now,
      updatedAt: now,
    })
    .returning()
  if (row === undefined) throw new Error('insert returned no row')
  const [eventSeq] = await appendEvents(tx, [
    { ticketId: ticket.id, type: 'message', actorId: actor.id, at: now, isInternal, messageId: row.id },
  ])
  const isAnswer = isStaff(actor.role) && !isInternal && actor.id !== ticket.createdBy
  if (isAnswer && ticket.firstResponseAt === null) {
    await tx.update(tickets).set({ firstResponseAt: now }).where(eq(tickets.id, ticket.id))
    await changeClocks(tx, configuration, clockTicket(configuration, ticket), { kind: 'answered' }, now)
  }
  const told = await messageAlerts(tx, actor, ticket, { body: input.body, isInternal, eventSeq }, now)
  await notify(tx, told, configuration.mail)
  return {
    id: row.id,
    ticket_id: ticket.id,
    sender_id: actor.id,
    sender_name: actor.name,
    sender_role: actor.role,
    body: row.body,
    is_internal: isInternal,
    reply_to: row.replyTo,
    image_url: row.imageUrl,
    created_at: now.toISOString(),
    updated_at: now.toISOString(),
  }
}

/** A reply stays in its ticket, and only notes reply to notes: others would tell requesters that there is one. */
async function checkReply(tx: Tx, ticketId: number, replyTo: number, isInternal: boolean): Promise<void> {
  const [target] = await tx
    .select({ isInternal: messages.isInternal })
    .from(messages)
    .where(and(eq(messages.id, replyTo), eq(messages.ticketId, ticketId)))
  if (target === undefined || (target.isInternal && !isInternal)) {
    throw invalid('reply_to', 'is not a message of this ticket')
  }
}
