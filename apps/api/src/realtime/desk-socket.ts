import type { Actor } from '@servicedesk/core'
import type { ClientToServerEvents, ServerToClientEvents } from '@servicedesk/realtime'
import type { Server, Socket } from 'socket.io'
import type { Journal } from './journal.ts'
import type { Resume } from './lost-connections.ts'

/** What a node keeps of a connection. */
export interface SocketData {
  /** Whose session it is, as of the last look. */
  actor: Actor
  /** The tickets it has joined. */
  tickets: Set<number>
  journal: Journal
  /** Of a connection that goes on where a lost one was. */
  resume?: Resume
}

type NoEvents = Record<never, never>
export type DeskServer = Server<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>
export type DeskSocket = Socket<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>

export const isoNow = () => new Date().toISOString()

/** The sockets that this node has in a room. */
export function socketsIn(io: DeskServer, room: string): DeskSocket[] {
  const { adapter, sockets } = io.of('/')
  return [...(adapter.rooms.get(room) ?? [])].flatMap((id) => sockets.get(id) ?? [])
}

/** Tells a client why, and closes its connection; it does not come back by itself. */
export function endSocket(socket: DeskSocket, code: string, message: string): void {
  socket.emit('error', { code, message })
  socket.disconnect(true)
}

/**
 * Brings a socket to what its session is now; one whose session has ended, or is of another role than it connected
 * with, is closed: rooms and numbers were given out by the role.
 * @returns whether it stays
 */
export function refresh(socket: DeskSocket, now: Actor | undefined): boolean {
  if (now !== undefined && now.role === socket.data.actor.role) {
    socket.data.actor = now
    return socket.connected
  }
  if (socket.connected) endSocket(socket, 'session_ended', 'The session has ended; sign in again')
  return false
}
