import type { RoleName } from '@servicedesk/core'
import type { RedisClient } from '@servicedesk/jobs'
import type { SocketData } from './desk-socket.ts'
import { type Journal, type Sent, unreceived } from './journal.ts'
import type { Place } from './ticket-feeds.ts'

/** How long a lost connection can be taken up again. */
export const RECOVERABLE_MS = 120_000

/** Where a lost connection was. */
export interface Resume {
  userId: number
  role: RoleName
  places: Place[]
  journal: Journal
  /** What was sent and did not arrive. */
  missed: Sent[]
  /** Milliseconds since the epoch. */
  lostAt: number
}

/** As Socket.IO hands over the session of a connection that was lost, and wants it back. */
interface Session {
  sid: string
  pid: string
  rooms: string[]
  data: unknown
  missedPackets: unknown[][]
}

export interface LostConnections {
  keep(session: Pick<Session, 'sid' | 'pid'> & { data: SocketData }): void
  /** Rejects when there is nothing to take up: the client begins anew then. */
  find(pid: string, offset: string): Promise<Session>
  /** Resolves when what is being kept is kept. */
  settled(): Promise<unknown>
}

type Kept = Omit<Resume, 'missed'> & { sid: string }

/**
 * Socket.IO's connection state recovery, for clients that lost their connection for a moment: where a socket was is kept
 * in Redis, by ids alone, and the client's offset tells what of it arrived. What it missed comes from PostgreSQL as for
 * everybody. Without Redis, or when the node died, clients connect anew and join with the last number they have.
 */
export function createLostConnections(deps: {
  redis: RedisClient
  prefix: string
  placesOf: (socketId: string) => Place[]
  onError: (error: unknown) => void
}): LostConnections {
  const { redis, prefix, placesOf, onError } = deps
  const keyOf = (pid: string) => `${prefix}:lost-connection:${pid}`
  const keeping = new Set<Promise<unknown>>()

  return {
    keep({ sid, pid, data }) {
      const { actor, journal } = data
      const kept: Kept = {
        sid,
        userId: actor.id,
        role: actor.role,
        places: placesOf(sid),
        journal,
        lostAt: Date.now(),
      }
      const saving = redis
        .set(keyOf(pid), JSON.stringify(kept), 'PX', RECOVERABLE_MS)
        .catch(onError)
        .finally(() => keeping.delete(saving))
      keeping.add(saving)
    },

    async find(pid, offset) {
      if (!/^[\w-]{1,100}$/.test(pid) || offset.length > 100) throw new Error('no such connection')
      const text = await redis.getdel(keyOf(pid))
      const kept = text === null ? null : (JSON.parse(text) as Kept)
      const missed = kept === null ? null : unreceived(kept.journal, offset)
      if (kept === null || missed === null) throw new Error('the connection cannot be taken up')
      const { sid, ...rest } = kept
      // Rooms are given anew, by the rights that hold now.
      return { sid, pid, rooms: [], data: { resume: { ...rest, missed } }, missedPackets: [] }
    },

    settled: () => Promise.all(keeping),
  }
}
