import type { FeedEvent, FeedService } from '@servicedesk/core'
import { type ServerEvent, STAFF_ROOM, ticketRoom } from '@servicedesk/realtime'
import { type DeskServer, isoNow, socketsIn } from './desk-socket.ts'
import { renderEvent, statusOf } from './render-event.ts'
import type { SessionWatch } from './sessions.ts'

/** What all staff hear of tickets that they have not joined. */
const TYPES = ['ticket_created', 'assigned', 'status_changed', 'sla_warning', 'sla_breach', 'ticket_deleted']
const WINDOW_MS = 20
/** Packets a second that a node sends of these: more would tell nobody anything, and cost the ones that matter. */
const PACKETS_PER_SECOND = 10_000
/** Read at once. */
const MOST = 500

interface Happened {
  ticketId: number
  seq: number
}

export interface StaffCopies {
  hear(happened: readonly Happened[]): void
  close(): void
}

/**
 * Tells the staff of this node what happens to tickets that they have not joined, for their lists. Of a flood (thousands
 * of tickets assigned in a second) only so much is told, and then that there was more: lists are to be read again.
 */
export function createStaffCopies(deps: {
  io: DeskServer
  feed: Pick<FeedService, 'named'>
  sessions: SessionWatch
  onFault: (error: unknown) => void
}): StaffCopies {
  const { io, feed, sessions, onFault } = deps
  const collected: Happened[] = []
  let skipped = 0
  let budget = PACKETS_PER_SECOND
  let timer: NodeJS.Timeout | undefined
  const refill = setInterval(() => {
    budget = PACKETS_PER_SECOND
    if (skipped === 0) return
    io.local.to(STAFF_ROOM).emit('lists_changed', { skipped, timestamp: isoNow() })
    skipped = 0
  }, 1_000).unref()

  async function flush(): Promise<void> {
    timer = undefined
    const happened = collected.splice(0)
    try {
      const entries = await feed.named(happened.slice(-MOST), TYPES)
      skipped += Math.max(0, happened.length - MOST)
      if (entries.length === 0) return
      const listeners = await sessions.check(socketsIn(io, STAFF_ROOM))
      for (const entry of entries) {
        budget -= listeners.length
        if (budget < 0) skipped += 1
        else sendCopy(entry)
      }
    } catch (error) {
      // Too late for each by then: lists are read again instead.
      skipped += happened.length
      onFault(error)
    }
  }

  function sendCopy(entry: FeedEvent): void {
    const copy = copyOf(entry)
    if (copy === null) return
    // The pair belongs together by construction; the compiler cannot follow it through Socket.IO's overloads.
    const others = io.local.to(STAFF_ROOM).except(ticketRoom(entry.ticket_id))
    others.emit(copy.event, copy.payload as never)
  }

  return {
    hear(happened) {
      if (happened.length === 0 || !io.of('/').adapter.rooms.has(STAFF_ROOM)) return
      collected.push(...happened)
      timer ??= setTimeout(() => void flush(), WINDOW_MS)
    },
    close() {
      clearInterval(refill)
      clearTimeout(timer)
    },
  }
}

/** Without the number, which only those who follow the log can place. */
function copyOf(entry: FeedEvent): ServerEvent | null {
  if (entry.type === 'status_changed') return { event: 'ticket_status_changed', payload: statusOf(entry) }
  const rendered = renderEvent(entry, 'staff')
  switch (rendered?.event) {
    // That it is deleted: of updates no others are among the types.
    case 'ticket_updated':
    case 'new_ticket':
    case 'ticket_assigned':
    case 'sla_warning':
    case 'sla_breach': {
      const { seq: _, ...payload } = rendered.payload
      return { event: rendered.event, payload } as ServerEvent
    }
    default:
      return null
  }
}
