import type { FeedService } from '@servicedesk/core'
import type { ChangeBus, Changes } from '@servicedesk/realtime'
import type { AlertDelivery } from './alert-delivery.ts'
import type { DeskServer } from './desk-socket.ts'
import type { ExportDelivery } from './export-delivery.ts'
import type { Presence } from './presence.ts'
import type { SessionWatch } from './sessions.ts'
import type { StaffCopies } from './staff-copies.ts'
import type { TicketFeeds } from './ticket-feeds.ts'

/** How late a change is seen whose hint was lost. */
const PERIOD_MS = 1_000
/** How much further back than its last look a node looks that hears nothing; a change takes a moment to commit. */
const MARGIN_MS = 2_000
const REMEMBERED_MS = 30_000

/**
 * Hears of changes, and once a second compares what the sockets of this node have with the database: sessions that have
 * ended, tickets whose logs went on. Without Redis a node hears only of its own changes, and looks for all others.
 */
export function watchTruth(deps: {
  io: DeskServer
  feed: FeedService
  sessions: SessionWatch
  presence: Pick<Presence, 'rename'>
  changes: Pick<ChangeBus, 'isHearing'>
  feeds: TicketFeeds
  copies: StaffCopies
  alerts: AlertDelivery
  exports: ExportDelivery
  onFault: (error: unknown) => void
}) {
  const { io, feed, sessions, presence, feeds, copies, alerts, exports, onFault } = deps
  const seen = createMemory(REMEMBERED_MS)
  let isLooking = false
  let isDeaf = false
  let lookedAt = Date.now()

  function hear(changes: Changes): void {
    if (io.of('/').sockets.size === 0) return
    for (const { ticketId, seq } of changes.events) feeds.hear(ticketId, seq)
    copies.hear(changes.events.filter(({ ticketId, seq }) => seen.isNew(`${ticketId}:${seq}`)))
    alerts.hear(changes.alerts.filter(({ id, occurrences = 1 }) => seen.isNew(`alert ${id} ${occurrences}`)))
    exports.hear(changes.exports)
    if (changes.users.length > 0) sessions.checkUsers(changes.users).catch(onFault)
  }

  async function look(): Promise<void> {
    const sockets = await sessions.check([...io.of('/').sockets.values()])
    presence.rename()
    for (const [ticketId, seq] of await feed.positions(feeds.joined())) feeds.hear(ticketId, seq)
    const now = Date.now()
    // Once more after it hears again: for what was lost in between.
    const wasDeaf = isDeaf
    isDeaf = !deps.changes.isHearing()
    if (isDeaf || wasDeaf) {
      const userIds = new Set(sockets.map((socket) => socket.data.actor.id))
      const ms = now - lookedAt + MARGIN_MS
      const [told, events, ended] = await Promise.all([
        feed.alertsSince([...userIds], ms),
        feed.eventsSince(ms),
        feed.exportsSince([...userIds], ms),
      ])
      hear({ alerts: told, events, users: [], exports: ended.filter(({ id }) => seen.isNew(`export ${id}`)) })
    }
    lookedAt = now
  }

  const timer = setInterval(() => {
    seen.forget()
    if (isLooking) return
    if (io.of('/').sockets.size === 0) {
      lookedAt = Date.now()
      return
    }
    isLooking = true
    look()
      .catch(onFault)
      .finally(() => {
        isLooking = false
      })
  }, PERIOD_MS)
  timer.unref()

  return { hear, close: () => clearInterval(timer) }
}

/** What was told in the last while, so that it is told once by however many ways it is heard of. */
function createMemory(ms: number) {
  let young = new Set<string>()
  let old = new Set<string>()
  let turnedAt = Date.now()
  return {
    isNew(key: string): boolean {
      if (young.has(key) || old.has(key)) return false
      young.add(key)
      return true
    },
    forget(): void {
      if (Date.now() - turnedAt < ms) return
      turnedAt = Date.now()
      old = young
      young = new Set()
    },
  }
}
