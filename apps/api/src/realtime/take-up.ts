import { DomainError, type FeedService, isStaff, ticketRef } from '@servicedesk/core'
import { ticketRoom } from '@servicedesk/realtime'
import { type DeskSocket, isoNow } from './desk-socket.ts'
import { reachedIn, sendAlert, wasTold } from './journal.ts'
import type { Resume } from './lost-connections.ts'
import type { Presence } from './presence.ts'
import type { TicketFeeds } from './ticket-feeds.ts'

/** A change takes a moment to commit, and one to be told. */
const MARGIN_MS = 2_000

/** Goes on where a lost connection was: its tickets, from what the client has of each, and its person's alerts. */
export async function takeUp(
  { feed, feeds, presence }: { feed: FeedService; feeds: TicketFeeds; presence: Presence },
  socket: DeskSocket,
  resume: Resume,
): Promise<void> {
  const { actor } = socket.data
  for (const { ticketId, position } of resume.places) {
    const reached = reachedIn(ticketId, position, resume.missed)
    const start = await feed.open(actor, ticketId, undefined).catch((error: unknown) => {
      if (error instanceof DomainError) return null
      throw error
    })
    // The client has asked for it itself meanwhile.
    if (!socket.connected || socket.data.tickets.has(ticketId)) continue
    if (start === null) {
      const timestamp = isoNow()
      socket.emit('left_ticket', { ticket_id: ticketRef(ticketId), timestamp, reason: 'access_lost' })
      continue
    }
    socket.data.tickets.add(ticketId)
    socket.join(ticketRoom(ticketId))
    feeds.join(socket, ticketId, { ...start, position: reached })
    presence.joined(socket, ticketId)
  }
  await sendMissedAlerts(feed, socket, resume)
  if (isStaff(actor.role)) socket.emit('lists_changed', { skipped: null, timestamp: isoNow() })
}

async function sendMissedAlerts(feed: FeedService, socket: DeskSocket, resume: Resume): Promise<void> {
  const { journal, missed, lostAt } = resume
  const unreceived = missed.flatMap((each) => ('alertId' in each ? [each.alertId] : []))
  const since = Math.max(lostAt - MARGIN_MS, journal.since)
  const recent = await feed.alertsSince([socket.data.actor.id], Date.now() - since)
  const untold = recent
    .filter(({ id, occurrences }) => !wasTold(journal, id, occurrences))
    .map(({ id }) => id)
  for (const row of await feed.alerts([...unreceived, ...untold])) sendAlert(socket, row)
}
