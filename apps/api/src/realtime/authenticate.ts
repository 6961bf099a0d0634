import { type Actor, DomainError } from '@servicedesk/core'
import type { DeskSocket } from './desk-socket.ts'
import { newJournal } from './journal.ts'

/** What `connect_error` says of any token that is not good, and of none (contract.md). */
const REFUSED = 'Authentication required'

/** The access token of a handshake: `auth.token`, or the Authorization header. */
function tokenOf(socket: DeskSocket): string {
  const { auth, headers } = socket.handshake
  const given: unknown = auth.token ?? headers.authorization
  return typeof given === 'string' ? given.replace(/^Bearer +/i, '') : ''
}

/** Lets in who has a live session, and refuses others before they can send anything. */
export function authenticate(actorOf: (token: string) => Promise<Actor>, onFault: (error: unknown) => void) {
  /** A connection carries one socket: packets to connect cost nothing to send, and a socket does. */
  const inUse = new WeakSet<object>()
  return async (socket: DeskSocket, next: (error?: Error) => void): Promise<void> => {
    const { conn } = socket
    if (inUse.has(conn)) return next(refusal('This connection is in use', 'already_connected'))
    inUse.add(conn)
    socket.on('disconnect', () => void inUse.delete(conn))
    try {
      const actor = await actorOf(tokenOf(socket))
      const { resume } = socket.data
      if (resume !== undefined && (resume.userId !== actor.id || resume.role !== actor.role)) {
        return next(refusal('The lost connection was of somebody else; connect again', 'not_recoverable'))
      }
      socket.data.actor = actor
      socket.data.tickets = new Set()
      socket.data.journal = newJournal()
    } catch (error) {
      if (error instanceof DomainError) return next(refusal(REFUSED, 'unauthenticated'))
      onFault(error)
      return next(refusal('Service unavailable', 'unavailable'))
    }
    next()
  }
}

/** `data` is what Socket.IO sends along with an error's message. */
function refusal(message: string, code: string): Error {
  return Object.assign(new Error(message), { data: { code, message } })
}
