import type { Tx } from '@servicedesk/db'
import type { ConfigurationCache } from '../config/configuration.ts'
import type { LinkMaker } from '../files/file-view.ts'
import { canSeeInternal } from '../policy/policy.ts'
import type { Actor } from '../shared/actor.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { describeEvent } from '../tickets/describe-event.ts'
import type { TicketService } from '../tickets/tickets.service.ts'
import { type CommentView, commentView, type MessageView, messageView } from './message-view.ts'
import { type NewMessage, postMessage } from './post-message.ts'
import { findEvents, findMessages, timeline } from './timeline.ts'

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
      return (await findMessages(db, ticketId, canSeeInternal(actor))).map(commentView)
    },

    /** @throws DomainError 404 */
    async timeline(actor: Actor, ticketId: number, withEvents: boolean) {
      await tickets.get(actor, ticketId)
      return timeline(db, ticketId, { withInternal: canSeeInternal(actor), withEvents, link: deps.link })
    },

    /** What happened, not what was said. @throws DomainError 404 */
    async activities(actor: Actor, ticketId: number) {
      await tickets.get(actor, ticketId)
      const rows = await findEvents(db, ticketId, {
        withInternal: canSeeInternal(actor),
        afterSeq: 0,
        limit: 10_000,
      })
      return rows
        .filter((row) => row.type !== 'message')
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

    /** The ordered log behind it all, as the caller may see it; `seq` is gapless for each of them. */
    async events(actor: Actor, ticketId: number, afterSeq: number) {
      await tickets.get(actor, ticketId)
      const withInternal = canSeeInternal(actor)
      const rows = await findEvents(db, ticketId, { withInternal, afterSeq, limit: 1_000 })
      return rows.map((row) => ({
        seq: row.seq,
        type: row.type,
        data: row.data,
        actor_id: row.actor_id,
        actor_name: row.actor_name ?? 'System',
        message_id: row.message_id,
        file_id: row.attachment_id,
        created_at: new Date(row.created_at).toISOString(),
      }))
    },
  }
}

export type MessageService = ReturnType<typeof createMessageService>
