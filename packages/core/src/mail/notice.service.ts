import type { Tx } from '@servicedesk/db'
import { emitMany } from '@servicedesk/jobs/emit'
import { sql } from 'drizzle-orm'
import type { Actor } from '../shared/actor.ts'
import { assertThat, conflict } from '../shared/errors.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { appendEvents } from '../tickets/events.ts'
import { lockForChange } from '../tickets/lock-for-change.ts'
import type { LockedTicket } from '../tickets/tickets.repo.ts'

/** What staff write to those whom a ticket concerns. */
export interface Notice {
  ticketId: number
  message?: string | undefined
  subject?: string | undefined
  /** A client's own word for what it is about; kept with the event. */
  kind?: string | undefined
}

const DEFAULT_MESSAGE = 'There is news on your ticket. Please have a look at it.'

/** Mail in staff's own words, to a ticket's requester and watchers and to nobody else. */
export function createNoticeService(deps: ServiceDeps) {
  return {
    /**
     * Owes the mails, and notes for staff who wrote what to whom.
     * @returns how many are mailed
     * @throws DomainError 404 for the ticket, 409 for a deleted one or when there is nobody to mail
     */
    async send(actor: Actor, notice: Notice, outer?: Tx): Promise<number> {
      return transact(
        deps,
        async (tx) => {
          const ticket = await lockForChange(tx, actor, notice.ticketId)
          const people = await recipientsOf(tx, actor, ticket)
          assertThat(
            people.length > 0,
            conflict('no_recipients', 'Neither the requester nor a watcher of this ticket can be mailed'),
          )
          const at = deps.clock.now()
          const { message = DEFAULT_MESSAGE, subject, kind } = notice
          const data = {
            to: people.map((person) => person.id),
            to_names: people.map((person) => person.name),
            message,
            ...(subject === undefined ? {} : { subject }),
            ...(kind === undefined ? {} : { kind }),
          }
          const event = { ticketId: ticket.id, actorId: actor.id, at, data, isInternal: true, isQuiet: true }
          const [seq] = await appendEvents(tx, [{ ...event, type: 'mail_sent' }])
          const params = JSON.stringify({ title: ticket.title, actor: actor.name, message, subject })
          const rows = await tx.execute<{ delivery_id: string }>(sql`
            INSERT INTO email_deliveries (id, template, user_id, to_email, ticket_id, event_seq, params, status, created_at)
            SELECT uuidv7(), 'ticket_notice', u.id, u.email, ${ticket.id}, ${seq}, ${params}::jsonb, 'queued',
              ${at.toISOString()}::timestamptz
            FROM users u WHERE u.id = ANY (string_to_array(${data.to.join(',')}, ',')::bigint[])
            ORDER BY u.id
            RETURNING id AS delivery_id`)
          await emitMany(tx, 'email.send', rows)
          return rows.length
        },
        outer,
      )
    },
  }
}

async function recipientsOf(
  tx: Tx,
  actor: Actor,
  ticket: LockedTicket,
): Promise<{ id: number; name: string }[]> {
  return tx.execute<{ id: number; name: string }>(sql`
    SELECT u.id, u.name FROM users u
    WHERE u.is_active AND u.id <> ${actor.id}
      AND (u.id = ${ticket.createdBy} OR u.id IN (SELECT user_id FROM ticket_watchers WHERE ticket_id = ${ticket.id}))
    ORDER BY u.id`)
}

export type NoticeService = ReturnType<typeof createNoticeService>
