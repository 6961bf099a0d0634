import { randomUUID } from 'node:crypto'
import type { ServerEvent, ServerEvents } from '@servicedesk/realtime'
import type { DeskSocket } from './desk-socket.ts'

/** What a packet was about: enough to send it again. */
export type About = { ticketId: number; seq: number } | AboutAlert
/** How many the alert stood for; what a node of the release before has kept does not say. */
type AboutAlert = { alertId: number; occurrences?: number }
export type Sent = About & { n: number }

/** What a socket was sent lately that it should not miss, counted from 1. */
export interface Journal {
  /** Of this connection alone: a client keeps the last offset it got, be it of an earlier one. */
  name: string
  /** When the connection began, in milliseconds since the epoch. */
  since: number
  count: number
  latest: Sent[]
}

/** A client that is further behind than this when its connection is lost begins anew. */
const KEPT = 500

export const newJournal = (): Journal => ({ name: randomUUID(), since: Date.now(), count: 0, latest: [] })

/**
 * Sends something that is not to be missed, with its count as Socket.IO's offset: a further argument, which the client
 * hands back when it reconnects.
 */
export function sendKept(socket: DeskSocket, { event, payload }: ServerEvent, about: About): void {
  const { journal } = socket.data
  journal.count += 1
  journal.latest.push({ ...about, n: journal.count })
  if (journal.latest.length > KEPT) journal.latest.shift()
  // The pair belongs together by construction, and the offset is Socket.IO's own; its types know of neither.
  const emit = socket.emit.bind(socket) as (event: string, ...args: unknown[]) => boolean
  emit(event, payload, `${journal.name}/${journal.count}`)
}

/**
 * How far a client has got in a ticket that it was sent up to `position`, given what it has not received. One that joined
 * again was sent its log from further back: what of that it lacks may come before what was sent first.
 */
export function reachedIn(ticketId: number, position: number, missed: readonly Sent[]): number {
  const seqs = missed.flatMap((sent) => ('seq' in sent && sent.ticketId === ticketId ? [sent.seq - 1] : []))
  return Math.min(position, ...seqs)
}

/** Whether the connection was told of an alert as it is now: one may come to stand for one more. */
export function wasTold({ latest }: Journal, alertId: number, occurrences: number): boolean {
  return latest.some(
    (sent) => 'alertId' in sent && sent.alertId === alertId && (sent.occurrences ?? 1) >= occurrences,
  )
}

/** Sends an alert unless the connection has been told of it, in whatever way it was heard of. */
export function sendAlert(
  socket: DeskSocket,
  { alert, occurrences }: { alert: ServerEvents['new_alert']; occurrences: number },
): void {
  if (wasTold(socket.data.journal, alert.id, occurrences)) return
  sendKept(socket, { event: 'new_alert', payload: alert }, { alertId: alert.id, occurrences })
}

/**
 * What a client was sent and has not, by the offset that it got last; null when that is not known any more. One that has
 * got nothing on this connection brings the offset of an earlier one.
 */
export function unreceived({ name, count, latest }: Journal, offset: string): Sent[] | null {
  const [of, text] = offset.split('/')
  const received = of === name ? Number(text) : 0
  const oldest = latest[0]?.n ?? count + 1
  if (!Number.isInteger(received) || received > count || received < oldest - 1) return null
  return latest.filter(({ n }) => n > received)
}
