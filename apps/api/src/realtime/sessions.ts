import type { FeedService } from '@servicedesk/core'
import { userRoom } from '@servicedesk/realtime'
import { type DeskServer, type DeskSocket, refresh, socketsIn } from './desk-socket.ts'

export interface SessionWatch {
  /** Closes those of the sockets whose session has ended. @returns the ones that stay */
  check(sockets: readonly DeskSocket[]): Promise<DeskSocket[]>
  /** The same for all sockets of people of whom it was heard that something changed. */
  checkUsers(userIds: readonly number[]): Promise<void>
}

/** Holds the sockets of this node to the sessions in PostgreSQL. */
export function createSessionWatch(io: DeskServer, feed: Pick<FeedService, 'liveActors'>): SessionWatch {
  async function check(sockets: readonly DeskSocket[]): Promise<DeskSocket[]> {
    const ids = new Set(sockets.map((socket) => socket.data.actor.sessionId))
    const actors = await feed.liveActors([...ids])
    return sockets.filter((socket) => refresh(socket, actors.get(socket.data.actor.sessionId)))
  }

  return {
    check,
    async checkUsers(userIds) {
      const sockets = [...new Set(userIds)].flatMap((id) => socketsIn(io, userRoom(id)))
      if (sockets.length > 0) await check(sockets)
    },
  }
}
