import {
  type Actor,
  canSeeInternal,
  type FeedEvent,
  type FeedService,
  type FeedStart,
  ticketRef,
} from '@servicedesk/core'
import { drained } from './backlog.ts'
import { type DeskSocket, isoNow, refresh } from './desk-socket.ts'
import { sendKept } from './journal.ts'
import { assignmentOf, renderEvent, statusOf } from './render-event.ts'

/** A socket that has joined a ticket. */
interface Reader {
  socket: DeskSocket
  /** The `seq` (internal events counted) up to which it has got what it may see. */
  position: number
  /** Behind the others, and being sent what it missed; or held. */
  isCatchingUp: boolean
}

interface Feed {
  ticketId: number
  readers: Map<string, Reader>
  /** Up to where those who are not catching up have been served. */
  position: number
  isReading: boolean
  /** Something came while it was being read. */
  isStale: boolean
}

const PAGE = 200
const RETRY_MS = 1_000

/** How far a socket has got in a ticket; see {@link Reader}. */
export interface Place {
  ticketId: number
  position: number
}

export interface TicketFeeds {
  /**
   * From `start.position` on the socket gets the ticket's log, in order, without a gap and without a double; also one
   * that follows the ticket already, and may have thrown away what it was sent.
   */
  join(socket: DeskSocket, ticketId: number, start: Pick<FeedStart, 'position' | 'newest'>): void
  /**
   * Sends a socket that follows the ticket nothing more of it until it is let go: what happens while it joins again must
   * not come before the answer, which would say less than it has got then.
   * @returns lets it go on where it was, unless it has joined or left meanwhile
   */
  hold(socket: DeskSocket, ticketId: number): () => void
  leave(socket: DeskSocket, ticketId: number): void
  /** There are events of a ticket up to `seq`. */
  hear(ticketId: number, seq: number): void
  /** The tickets that somebody here has joined. */
  joined(): number[]
  /** Where a socket is in the tickets that it has joined. */
  placesOf(socketId: string): Place[]
}

/**
 * The tickets that sockets of this node have joined. The log in PostgreSQL is what is sent: hearing of a change only
 * makes a node read on from where it was, so nothing depends on a hint's arriving once, in order, or at all. Before
 * every emission the readers' sessions and rights are looked up, after what is emitted was read: whose access ended
 * before something happened does not get it.
 */
export function createTicketFeeds(deps: {
  feed: FeedService
  onFault: (error: unknown) => void
  /** The socket has lost its ticket. */
  onLost: (socket: DeskSocket, ticketId: number) => void
}): TicketFeeds {
  const { feed: log, onFault } = deps
  const feeds = new Map<number, Feed>()

  async function pump(feed: Feed): Promise<void> {
    feed.isStale = true
    if (feed.isReading) return
    feed.isReading = true
    try {
      while (feed.isStale && feed.readers.size > 0) {
        feed.isStale = false
        const entries = await log.behind(feed.ticketId, feed.position, PAGE)
        const last = entries.at(-1)
        if (last === undefined) break
        const readers = live(feed)
        const may = await rightsOf(feed, readers)
        for (const reader of readers) {
          if (isReader(feed, reader) && isServed(feed, reader, may)) send(reader, entries, 'live')
        }
        feed.position = last.seq
        for (const reader of live(feed)) if (reader.position < feed.position) void catchUp(feed, reader)
        if (entries.length === PAGE) feed.isStale = true
      }
    } catch (error) {
      // It stays behind, and the next hint or poll reads on from there.
      onFault(error)
    } finally {
      feed.isReading = false
    }
  }

  /** Reads on for one reader alone: who joined with an old number, or while the others were being served. */
  async function catchUp(feed: Feed, reader: Reader): Promise<void> {
    reader.isCatchingUp = true
    try {
      while (isReader(feed, reader)) {
        const entries = await log.behind(feed.ticketId, reader.position, PAGE)
        const may = await rightsOf(feed, [reader])
        // From here to the end of the turn nothing else runs: what is sent and where it is cannot come apart.
        if (!isReader(feed, reader) || !isServed(feed, reader, may)) return
        send(reader, entries, 'replay')
        if (entries.length < PAGE && reader.position >= feed.position) {
          reader.isCatchingUp = false
          return
        }
        await drained(reader.socket)
      }
    } catch (error) {
      onFault(error)
      setTimeout(() => void catchUp(feed, reader), RETRY_MS).unref()
    }
  }

  const isReader = (feed: Feed, reader: Reader) =>
    reader.socket.connected && feed.readers.get(reader.socket.id) === reader
  const live = (feed: Feed) => [...feed.readers.values()].filter((reader) => !reader.isCatchingUp)

  async function rightsOf(feed: Feed, readers: readonly Reader[]) {
    const [actors, maySee] = await Promise.all([
      log.liveActors(readers.map(({ socket }) => socket.data.actor.sessionId)),
      log.audience(feed.ticketId),
    ])
    return { actors, maySee }
  }

  /** Whether the reader still may read; one who may not is shown out. */
  function isServed(
    feed: Feed,
    reader: Reader,
    { actors, maySee }: { actors: Map<string, Actor>; maySee: (actor: Actor) => boolean },
  ): boolean {
    const { socket } = reader
    if (!refresh(socket, actors.get(socket.data.actor.sessionId))) return false
    if (maySee(socket.data.actor)) return true
    leave(socket, feed.ticketId)
    socket.emit('left_ticket', {
      ticket_id: ticketRef(feed.ticketId),
      timestamp: isoNow(),
      reason: 'access_lost',
    })
    deps.onLost(socket, feed.ticketId)
    return false
  }

  function leave(socket: DeskSocket, ticketId: number): void {
    const feed = feeds.get(ticketId)
    feed?.readers.delete(socket.id)
    if (feed?.readers.size === 0) feeds.delete(ticketId)
  }

  return {
    join(socket, ticketId, { position, newest }) {
      const feed = feeds.get(ticketId) ?? {
        ticketId,
        readers: new Map(),
        position: newest,
        isReading: false,
        isStale: false,
      }
      feeds.set(ticketId, feed)
      const reader = { socket, position, isCatchingUp: false }
      feed.readers.set(socket.id, reader)
      if (position < feed.position) void catchUp(feed, reader)
      // What was committed between the look at the ticket and now, and was heard of by nobody.
      else void pump(feed)
    },
    hold(socket, ticketId) {
      const feed = feeds.get(ticketId)
      const known = feed?.readers.get(socket.id)
      if (feed === undefined || known === undefined) return () => undefined
      // Whatever is being read for the one that it was finds that it is none any more.
      const held = { ...known, isCatchingUp: true }
      feed.readers.set(socket.id, held)
      return () => {
        if (isReader(feed, held)) void catchUp(feed, held)
      }
    },
    leave,
    hear(ticketId, seq) {
      const feed = feeds.get(ticketId)
      if (feed !== undefined && seq > feed.position) void pump(feed)
    },
    joined: () => [...feeds.keys()],
    placesOf: (id) =>
      [...feeds.values()].flatMap(({ ticketId, readers }) => {
        const reader = readers.get(id)
        return reader === undefined ? [] : [{ ticketId, position: reader.position }]
      }),
  }
}

/** Sends a reader what it has not had of the entries. */
function send(reader: Reader, entries: readonly FeedEvent[], mode: 'live' | 'replay'): void {
  const { socket } = reader
  const reading = canSeeInternal(socket.data.actor) ? 'staff' : 'requester'
  for (const entry of entries) {
    if (entry.seq <= reader.position) continue
    reader.position = entry.seq
    const rendered = renderEvent(entry, reading)
    if (rendered === null) continue
    sendKept(socket, rendered, { ticketId: entry.ticket_id, seq: entry.seq })
    if (mode === 'replay') continue
    if (entry.type === 'status_changed') socket.emit('ticket_status_changed', statusOf(entry))
    if (entry.type === 'assigned') socket.emit('ticket_updated', assignmentOf(entry))
  }
}
