import { type Core, conflict, invalid, parseTicketId, ticketRef } from '@servicedesk/core'
import { ticketRoom } from '@servicedesk/realtime'
import { Compile } from 'typebox/compile'
import { toId, wordsFor } from '../shared/schemas.ts'
import { changesOf } from '../tickets/changes-of.ts'
import { TicketPatch } from '../tickets/tickets.schemas.ts'
import { type DeskSocket, isoNow } from './desk-socket.ts'
import type { Presence } from './presence.ts'
import { MOST_TICKETS } from './rate.ts'
import type { RequestHandlers } from './requests.ts'
import type { TicketFeeds } from './ticket-feeds.ts'
import type { Typing } from './typing.ts'

const updatesValidator = Compile(TicketPatch)

export interface RequestDeps {
  core: Core
  feeds: TicketFeeds
  presence: Presence
  typing: Typing
  /** Brings the socket to what its session is now. @throws DomainError 401 */
  authorize: (socket: DeskSocket) => Promise<void>
}

/** What each request does. The rules are core's: the same as over HTTP. */
export function requestHandlers(deps: RequestDeps): RequestHandlers {
  const { core, feeds, presence, typing, authorize } = deps

  function requireJoined(socket: DeskSocket, ticketId: number): void {
    if (!socket.data.tickets.has(ticketId)) throw conflict('not_joined', 'Join the ticket first')
  }

  return {
    async join_ticket(socket, { ticket_id, after_seq }) {
      const ticketId = parseTicketId(String(ticket_id), 'ticket_id')
      await authorize(socket)
      const { tickets } = socket.data
      if (!tickets.has(ticketId) && tickets.size >= MOST_TICKETS) {
        throw conflict('too_many_tickets', `A connection can join ${MOST_TICKETS} tickets`)
      }
      const letGo = feeds.hold(socket, ticketId)
      try {
        const start = await core.feed.open(socket.data.actor, ticketId, after_seq)
        if (!socket.connected) return
        const isNew = !tickets.has(ticketId)
        tickets.add(ticketId)
        socket.join(ticketRoom(ticketId))
        socket.emit('joined_ticket', { ticket_id: ticketRef(ticketId), seq: start.seq, timestamp: isoNow() })
        // One that follows it already and does not say what it has goes on where it is.
        if (isNew || after_seq !== undefined) feeds.join(socket, ticketId, start)
        if (isNew) presence.joined(socket, ticketId)
      } finally {
        letGo()
      }
    },

    async leave_ticket(socket, { ticket_id }) {
      const ticketId = parseTicketId(String(ticket_id), 'ticket_id')
      if (socket.data.tickets.has(ticketId)) leaveTicket(deps, socket, ticketId)
      socket.emit('left_ticket', { ticket_id: ticketRef(ticketId), timestamp: isoNow() })
    },

    async send_message(socket, { ticket_id, message, is_internal, reply_to }) {
      await authorize(socket)
      const ticketId = parseTicketId(String(ticket_id), 'ticket_id')
      const replyTo = reply_to == null ? reply_to : toId(reply_to)
      await core.messages.post(socket.data.actor, {
        ticketId,
        body: message,
        isInternal: is_internal,
        replyTo,
      })
      typing.forget(socket, ticketId)
    },

    async ticket_update(socket, { ticket_id, updates }) {
      await authorize(socket)
      // No bytes at all pass for an object without members.
      if (Buffer.isBuffer(updates) || !updatesValidator.Check(updates)) throw wrongUpdates(updates)
      const ticketId = parseTicketId(String(ticket_id), 'ticket_id')
      await core.tickets.update(socket.data.actor, ticketId, changesOf(updates), undefined)
    },

    async typing_start(socket, { ticket_id }) {
      const ticketId = parseTicketId(String(ticket_id), 'ticket_id')
      requireJoined(socket, ticketId)
      typing.set(socket, ticketId, true)
    },

    async typing_stop(socket, { ticket_id }) {
      const ticketId = parseTicketId(String(ticket_id), 'ticket_id')
      requireJoined(socket, ticketId)
      typing.set(socket, ticketId, false)
    },

    async request_presence(socket) {
      presence.tell(socket)
    },
  }
}

/**
 * Takes a socket out of a ticket, for whatever reason.
 * @param isFinal it is not expected back in a moment
 */
export function leaveTicket(
  { feeds, presence, typing }: Pick<RequestDeps, 'feeds' | 'presence' | 'typing'>,
  socket: DeskSocket,
  ticketId: number,
  isFinal = true,
): void {
  feeds.leave(socket, ticketId)
  typing.forget(socket, ticketId)
  socket.data.tickets.delete(ticketId)
  socket.leave(ticketRoom(ticketId))
  presence.left(socket, ticketId, isFinal)
}

function wrongUpdates(updates: unknown) {
  const errors = updatesValidator.Errors(updates)
  const error = errors.find((each) => each.keyword === 'anyOf') ?? errors[0]
  const path = ['updates', ...(error?.instancePath ?? '').split('/').slice(1)].join('.')
  return invalid(path, wordsFor(error?.keyword ?? '', error?.message))
}
