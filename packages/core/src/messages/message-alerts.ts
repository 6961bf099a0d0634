import type { Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { Notification } from '../alerts/notify.ts'
import type { Actor } from '../shared/actor.ts'
import { ticketRef } from '../tickets/ticket-id.ts'
import type { LockedTicket } from '../tickets/tickets.repo.ts'
import { findMentions, type Mentionable, mayMention } from './mentions.ts'

const EXCERPT = 280

/** A message that was just written. */
interface Written {
  body: string
  isInternal: boolean
  eventSeq: number | undefined
}

interface Reader extends Mentionable {
  /** The requester, the assignee or a watcher: told of every message. */
  follows: boolean
}

/**
 * What is told of a message, to each of its readers once: to the mentioned that they are, to the other side and the
 * watchers that it was written. An internal note is for staff only.
 */
export async function messageAlerts(
  tx: Tx,
  actor: Actor,
  ticket: LockedTicket,
  message: Written,
  now: Date,
): Promise<Notification[]> {
  const readers = await readersOf(tx, actor, ticket, message)
  const mentioned = findMentions(message.body, readers)
  const excerpt =
    message.body.length > EXCERPT ? `${message.body.slice(0, EXCERPT).trimEnd()}…` : message.body
  return readers
    .filter(({ id, follows }) => follows || mentioned.has(id))
    .map(({ id: userId }) => ({
      userId,
      ...(mentioned.has(userId)
        ? { type: 'mention' as const, title: `${actor.name} mentioned you on ${ticketRef(ticket.id)}` }
        : { type: 'new_message' as const, title: `${actor.name} wrote on ${ticketRef(ticket.id)}` }),
      ticketId: ticket.id,
      at: now,
      eventSeq: message.eventSeq,
      message: excerpt,
      isInternal: message.isInternal,
      mail: {
        template: mentioned.has(userId) ? 'mention' : 'new_message',
        params: { title: ticket.title, actor: actor.name, excerpt },
        // Requesters do not look into the desk every day.
        isOnRequest: userId !== ticket.createdBy || message.isInternal,
      },
    }))
}

/** Who follows the ticket and, where the text may mention somebody, everybody else who can read it. */
async function readersOf(tx: Tx, actor: Actor, ticket: LockedTicket, message: Written): Promise<Reader[]> {
  const { id, createdBy, assignedTo } = ticket
  return tx.execute<Reader & Record<string, unknown>>(sql`
    WITH concerned AS (
      SELECT user_id AS id FROM ticket_watchers WHERE ticket_id = ${id} UNION SELECT ${createdBy}::bigint
    ), followers AS (
      SELECT id FROM concerned UNION SELECT ${assignedTo}::bigint
    ), candidates AS (
      SELECT id FROM followers
      UNION SELECT id FROM users
      WHERE ${mayMention(message.body)} AND role IN ('Technical User', 'Technical Supervisor', 'System Admin')
    )
    SELECT u.id, u.name, u.first_name AS "firstName", u.email,
      EXISTS (SELECT FROM followers f WHERE f.id = u.id) AS follows
    FROM candidates c JOIN users u ON u.id = c.id
    WHERE u.is_active AND u.id <> ${actor.id}
      -- Who had it assigned and is no staff any more does not see it any more.
      AND (u.role <> 'Normal User' OR (NOT ${message.isInternal} AND EXISTS (SELECT FROM concerned f WHERE f.id = u.id)))
    ORDER BY u.id`)
}
