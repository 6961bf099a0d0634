import type { Leases } from '@servicedesk/realtime'
import { createAttendance, leaseOf, type Person, type Place, parseLease } from './attendance.ts'
import type { DeskServer, DeskSocket } from './desk-socket.ts'
import { createPresenceTeller } from './tell-presence.ts'

/** Who is online, and who looks at which ticket. */
export interface Presence {
  /** Tells the socket who is online, and others that this person is. */
  connected(socket: DeskSocket): void
  /** @param isFinal it went on purpose, and is not expected back in a moment */
  disconnected(socket: DeskSocket, isFinal: boolean): void
  joined(socket: DeskSocket, ticketId: number): void
  left(socket: DeskSocket, ticketId: number, isFinal: boolean): void
  /** Sends `presence_status`. */
  tell(socket: DeskSocket): void
  /** Takes over the names that people have by now, as their sockets know them. */
  rename(): void
  /** What another node holds, from its lease. */
  changed(lease: string, node: string, isHeld: boolean): void
  close(): void
}

/** How long a person whose connection broke is still there: a page that is loaded anew is back by then. */
const GRACE_MS = 2_000
/** This node among those that a person is connected to. */
const HERE = 'here'

/** A person's being somewhere by sockets of this node. */
interface Stay {
  person: Person
  place: Place
  lease: string
  sockets: Set<string>
  goes?: NodeJS.Timeout
}

/**
 * A person is where any of their sockets is, on any node. What this node's sockets do is known at once and without Redis;
 * of the others' it hears by their leases, which run out when a node dies.
 */
export function createPresence(deps: {
  io: DeskServer
  leases: Pick<Leases, 'hold' | 'release'>
  graceMs?: number | undefined
}): Presence {
  const { io, leases, graceMs = GRACE_MS } = deps
  const attendance = createAttendance()
  const teller = createPresenceTeller(io, attendance)
  const stays = new Map<string, Stay>()
  let isClosed = false

  /** @returns whether others were told */
  function set(place: Place, person: Person, node: string, isHere: boolean): boolean {
    const before = attendance.nameOf(place, person.id)
    if (!attendance.set(place, person, node, isHere)) {
      if (isHere && place !== 'desk' && person.name !== before) teller.list(place)
      return false
    }
    if (place === 'desk') teller.desk(person, isHere)
    else teller.ticket(place, person, isHere)
    return true
  }

  function enter(socket: DeskSocket, place: Place): boolean {
    if (isClosed) return false
    const { id, name } = socket.data.actor
    const key = `${place}:${id}`
    const stay = stays.get(key)
    if (stay !== undefined) {
      clearTimeout(stay.goes)
      stay.sockets.add(socket.id)
      return false
    }
    const person = { id, name }
    const lease = leaseOf(place, person)
    stays.set(key, { person, place, lease, sockets: new Set([socket.id]) })
    leases.hold(lease)
    return set(place, person, HERE, true)
  }

  function exit(socket: DeskSocket, place: Place, isFinal: boolean): void {
    const key = `${place}:${socket.data.actor.id}`
    const stay = stays.get(key)
    if (isClosed || !stay?.sockets.delete(socket.id) || stay.sockets.size > 0) return
    const go = () => {
      stays.delete(key)
      leases.release(stay.lease)
      set(place, stay.person, HERE, false)
    }
    if (isFinal) go()
    else stay.goes = setTimeout(go, graceMs)
  }

  return {
    connected(socket) {
      enter(socket, 'desk')
      teller.online(socket)
    },
    disconnected: (socket, isFinal) => exit(socket, 'desk', isFinal),
    joined(socket, ticketId) {
      // A new list goes to all of the room.
      if (!enter(socket, ticketId)) teller.viewers(socket, ticketId)
    },
    left: (socket, ticketId, isFinal) => exit(socket, ticketId, isFinal),
    tell: teller.online,
    rename() {
      for (const stay of stays.values()) {
        const [socketId = ''] = stay.sockets
        const name = io.of('/').sockets.get(socketId)?.data.actor.name
        if (name === undefined || name === stay.person.name) continue
        const { lease: former, place } = stay
        stay.person = { ...stay.person, name }
        stay.lease = leaseOf(place, stay.person)
        leases.hold(stay.lease)
        leases.release(former)
        set(place, stay.person, HERE, true)
      }
    },
    changed(lease, node, isHeld) {
      const known = parseLease(lease)
      if (known === undefined || isClosed) return
      // A lease has its person's name: one under a new name is held before that under the former is let go.
      set(known.place, known.person, `${node} ${known.person.name}`, isHeld)
    },
    close() {
      isClosed = true
      for (const { goes } of stays.values()) clearTimeout(goes)
      teller.close()
    },
  }
}
