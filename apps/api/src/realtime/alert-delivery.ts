import type { FeedService } from '@servicedesk/core'
import { userRoom } from '@servicedesk/realtime'
import { type DeskServer, socketsIn } from './desk-socket.ts'
import { sendAlert } from './journal.ts'
import type { SessionWatch } from './sessions.ts'
import { createUserDelivery, type UserDelivery } from './user-delivery.ts'

export type AlertDelivery = UserDelivery<number>

/** Alerts that wait for a database that does not answer. */
const MOST_KEPT = 5_000

/** Gives people who are connected to this node their alerts as they are written. */
export function createAlertDelivery(deps: {
  io: DeskServer
  feed: Pick<FeedService, 'alerts'>
  sessions: SessionWatch
  onFault: (error: unknown) => void
}): AlertDelivery {
  const { io, feed, sessions, onFault } = deps

  async function deliver(ids: readonly number[]): Promise<void> {
    const rows = await feed.alerts(ids)
    await sessions.checkUsers(rows.map((row) => row.userId))
    for (const row of rows) {
      for (const socket of socketsIn(io, userRoom(row.userId))) sendAlert(socket, row)
    }
  }
  return createUserDelivery({ io, mostKept: MOST_KEPT, deliver, onFault })
}
