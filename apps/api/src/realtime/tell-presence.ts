import { ticketRef } from '@servicedesk/core'
import { ticketRoom, userRoom } from '@servicedesk/realtime'
import type { Attendance, Person } from './attendance.ts'
import { type DeskServer, type DeskSocket, isoNow } from './desk-socket.ts'

/** Several who come to a ticket at once are one list. */
const VIEWERS_WINDOW_MS = 20
/** Packets a second that a node sends of single people's coming and going. */
const PACKETS_PER_SECOND = 10_000
const PERIOD_MS = 1_000

/**
 * Tells the sockets of this node who is where; every node tells its own. When so many come or go at once that telling of
 * each would keep a node from everything else (a thousand who reconnect are a million packets), whole lists follow.
 */
export function createPresenceTeller(io: DeskServer, attendance: Attendance) {
  const changed = new Set<number>()
  let viewersTimer: NodeJS.Timeout | undefined
  let left = PACKETS_PER_SECOND
  let isListOwed = false

  const period = setInterval(() => {
    left = PACKETS_PER_SECOND
    if (!isListOwed) return
    isListOwed = false
    io.local.emit('presence_status', online())
  }, PERIOD_MS)
  period.unref()

  function mayTell(room?: string): boolean {
    const { adapter, sockets } = io.of('/')
    left -= room === undefined ? sockets.size : (adapter.rooms.get(room)?.size ?? 0)
    return left >= 0
  }

  function online(): Record<string, 'online'> {
    return Object.fromEntries(attendance.in('desk').map(({ id }) => [id, 'online']))
  }

  const viewers = (ticketId: number) => ({
    ticket_id: ticketRef(ticketId),
    users: attendance.in(ticketId).sort((a, b) => a.id - b.id),
  })

  function tellViewers(): void {
    viewersTimer = undefined
    for (const ticketId of changed)
      io.local.to(ticketRoom(ticketId)).emit('ticket_viewers', viewers(ticketId))
    changed.clear()
  }

  /** All in the ticket get its list of people anew. */
  function list(ticketId: number): void {
    changed.add(ticketId)
    viewersTimer ??= setTimeout(tellViewers, VIEWERS_WINDOW_MS)
  }

  return {
    list,
    /** The person has come online or gone offline. */
    desk({ id }: Person, isHere: boolean): void {
      if (!mayTell()) {
        isListOwed = true
        return
      }
      const status = isHere ? 'online' : 'offline'
      io.local.except(userRoom(id)).emit('presence_update', { user_id: id, status, timestamp: isoNow() })
    },

    /** The person has begun or ceased to look at the ticket. */
    ticket(ticketId: number, { id, name }: Person, isHere: boolean): void {
      const room = ticketRoom(ticketId)
      if (!io.of('/').adapter.rooms.has(room)) return
      list(ticketId)
      if (!mayTell(room)) return
      const about = { user_id: id, user_name: name, ticket_id: ticketRef(ticketId), timestamp: isoNow() }
      const event = isHere ? 'user_joined_ticket' : 'user_left_ticket'
      io.local.to(room).except(userRoom(id)).emit(event, about)
    },

    online: (socket: DeskSocket) => void socket.emit('presence_status', online()),
    viewers: (socket: DeskSocket, ticketId: number) => void socket.emit('ticket_viewers', viewers(ticketId)),
    close(): void {
      clearInterval(period)
      clearTimeout(viewersTimer)
    },
  }
}
