import type { FeedService } from '@servicedesk/core'
import { userRoom } from '@servicedesk/realtime'
import { type DeskServer, isoNow, socketsIn } from './desk-socket.ts'
import type { SessionWatch } from './sessions.ts'
import { createUserDelivery, type UserDelivery } from './user-delivery.ts'

export type ExportDelivery = UserDelivery<string>

/** Exports that wait for a database that does not answer. */
const MOST_KEPT = 1_000

/** Tells people who are connected to this node how far their exports are: what is true by then, and nothing twice over. */
export function createExportDelivery(deps: {
  io: DeskServer
  feed: Pick<FeedService, 'exports'>
  sessions: SessionWatch
  onFault: (error: unknown) => void
}): ExportDelivery {
  const { io, feed, sessions, onFault } = deps

  async function deliver(ids: readonly string[]): Promise<void> {
    const rows = await feed.exports(ids)
    await sessions.checkUsers(rows.map((row) => row.userId))
    for (const { userId, view } of rows) {
      const { id, status, progress, rows: written, reason, expires_at, download_url } = view
      const told = { id, status, progress, rows: written, reason, expires_at, download_url }
      for (const socket of socketsIn(io, userRoom(userId))) {
        socket.emit('export_progress', { ...told, timestamp: isoNow() })
      }
    }
  }
  return createUserDelivery({ io, mostKept: MOST_KEPT, deliver, onFault })
}
