import type { Tx } from '@servicedesk/db'
import type { ConfigurationCache } from '../config/configuration.ts'
import type { LinkMaker } from '../files/file-view.ts'
import { canSeeInternal } from '../policy/policy.ts'
import type { Actor } from '../shared/actor.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { describeEvent } from '../tickets/describe-event.ts'
import { findEvents, type LogReader } from '../tickets/event-log.ts'
import { isForPeople } from '../tickets/event-view.ts'
import type { TicketService } from '../tickets/tickets.service.ts'
import { findMessages, findMessagesById } from './find-messages.ts'
import { type CommentView, commentView, type MessageView, messageView } from './message-view.ts'
import { type NewMessage, postMessage } from './post-message.ts'
import { timeline } from './timeline.ts'

const readerOf = (actor: Actor): LogReader => ({ isStaff: canSeeInternal(actor) })

/** What people say on tickets, and the views of a ticket's log. */
export function createMessageService(
  deps: ServiceDeps & {
    configuration: ConfigurationCache
    tickets: Pick<TicketService, 'get'>
    link: LinkMaker
  },
) {
  const { db, clock, tickets } = deps

  async function post(actor: Actor, input: NewMessage, outer?: Tx) {
    const configuration = await deps.configuration.get({ within: outer })
    return transact(deps, (tx) => postMessage(tx, configuration, actor, input, clock.now()), outer)
  }

  return {
    async post(actor: Actor, input: NewMessage, outer?: Tx): Promise<MessageView> {
      return messageView(await post(actor, input, outer))
    },

    async comment(actor: Actor, input: NewMessage, outer?: Tx): Promise<CommentView> {
      return commentView(await post(actor, input, outer))
    },

    /** Comments oldest first. @throws DomainError 404 */
    async comments(actor: Actor, ticketId: number): Promise<CommentView[]> {
      await tickets.get(actor, ticketId)
      return (await findMessages(db, ticketId, readerOf(actor))).map(commentView)
    },

    /** @throws DomainError 404 */
    async timeline(actor: Actor, ticketId: number, withEvents: boolean) {
      await tickets.get(actor, ticketId)
      return timeline(db, ticketId, readerOf(actor), { withEvents, link: deps.link })
    },

    /** What happened, not what was said. @throws DomainError 404 */
    async activities(actor: Actor, ticketId: number) {
      await tickets.get(actor, ticketId)
      const rows = await findEvents(db, ticketId, readerOf(actor))
      return rows
        .filter((row) => row.type !== 'message' && isForPeople(row))
        .map((row) => {
          const at = new Date(row.created_at).toISOString()
          return {
            id: `${ticketId}-${row.seq}`,
            ticket_id: ticketId,
            description: describeEvent(row.type, row.data),
            performed_by: row.actor_id,
            performed_by_name: row.actor_name ?? 'System',
            created_at: at,
            timestamp: at,
          }
        })
    },

    /**
     * The ordered log behind it all, as the caller may see it; `seq` is gapless for each of them. Where fewer than
     * `limit` come, there are no more.
     * @throws DomainError 404
     */
    async events(actor: Actor, ticketId: number, from: { afterSeq: number; limit: number }) {
      await tickets.get(actor, ticketId)
      const rows = await findEvents(db, ticketId, readerOf(actor), from)
      const said = await findMessagesById(
        db,
        rows.flatMap((row) => row.message_id ?? []),
      )
      return rows.map((row) => {
        const message = row.message_id === null ? undefined : said.get(row.message_id)
        return {
          seq: row.seq,
          type: row.type,
          data: row.data,
          actor_id: row.actor_id,
          actor_name: row.actor_name ?? 'System',
          message_id: row.message_id,
          file_id: row.attachment_id,
          created_at: new Date(row.created_at).toISOString(),
          ...(message === undefined ? {} : { message: messageView(message) }),
        }
      })
    },
  }
}

export type MessageService = ReturnType<typeof createMessageService>
