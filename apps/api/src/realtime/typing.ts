import { ticketRef } from '@servicedesk/core'
import { type Leases, ticketRoom, userRoom } from '@servicedesk/realtime'
import { type DeskServer, type DeskSocket, isoNow } from './desk-socket.ts'

export interface Typing {
  set(socket: DeskSocket, ticketId: number, isTyping: boolean): void
  /** The socket has sent what it typed, has left the ticket, or is gone. */
  forget(socket: DeskSocket, ticketId: number): void
  /** What another node says. */
  said(text: string): void
  close(): void
}

/** How long after the last keystroke that was told of nobody types any more. */
const TYPING_MS = 5_000

/** What nodes tell each other: a socket's beginning, going on, or end. */
interface Said {
  ticketId: number
  userId: number
  name: string
  socketId: string
  isTyping: boolean
}

/** Somebody who types, as those in the ticket see it. */
interface Typist {
  sockets: Set<string>
  ends: NodeJS.Timeout
}

/**
 * Who types where, told by every node to its own sockets and ended there after a while: nothing stays when the typist's
 * node dies.
 */
export function createTyping(deps: {
  io: DeskServer
  leases: Pick<Leases, 'say'>
  typingMs?: number | undefined
}): Typing {
  const { io, leases, typingMs = TYPING_MS } = deps
  const typists = new Map<string, Typist>()
  let isClosed = false

  const keyOf = ({ ticketId, userId }: Said) => `${ticketId}:${userId}`

  function tell({ ticketId, userId, name }: Said, typing: boolean): void {
    const about = { ticket_id: ticketRef(ticketId), user_id: userId, user_name: name, typing }
    const others = io.local.to(ticketRoom(ticketId)).except(userRoom(userId))
    others.emit('user_typing', { ...about, timestamp: isoNow() })
  }

  function end(said: Said): void {
    const key = keyOf(said)
    clearTimeout(typists.get(key)?.ends)
    if (typists.delete(key)) tell(said, false)
  }

  /** @returns whether it is news */
  function take(said: Said): boolean {
    const key = keyOf(said)
    const typist = typists.get(key)
    if (said.isTyping) {
      clearTimeout(typist?.ends)
      const sockets = (typist?.sockets ?? new Set()).add(said.socketId)
      typists.set(key, { sockets, ends: setTimeout(end, typingMs, said) })
      tell(said, true)
      return true
    }
    if (!typist?.sockets.delete(said.socketId)) return false
    if (typist.sockets.size === 0) end(said)
    return true
  }

  function set({ id: socketId, data: { actor } }: DeskSocket, ticketId: number, isTyping: boolean): void {
    if (isClosed) return
    const said = { ticketId, userId: actor.id, name: actor.name, socketId, isTyping }
    if (take(said)) leases.say(JSON.stringify(said))
  }

  return {
    set,
    forget: (socket, ticketId) => set(socket, ticketId, false),
    said(text) {
      if (!isClosed) take(JSON.parse(text) as Said)
    },
    close() {
      isClosed = true
      for (const { ends } of typists.values()) clearTimeout(ends)
    },
  }
}
