import { type Database, exports, type Publish } from '@servicedesk/db'
import { and, eq, inArray } from 'drizzle-orm'
import { estimateTickets } from '../tickets/count-tickets.ts'
import type { ReadyFilter } from '../tickets/ticket-filter.ts'

const PERIOD_MS = 1_000

/**
 * Writes down how far an export is, and tells of it: at once, and then once a second as long as rows come. How many there
 * will be is the planner's guess, so it says at most 99 before all is there. Failures are passed over: it is for show.
 */
export async function followProgress(
  deps: { db: Database; reports: Database; publish?: Publish | undefined },
  made: { id: string; userId: number },
  filter: ReadyFilter,
  rowsSoFar: () => number,
): Promise<{ stop(): Promise<void> }> {
  const expected = await estimateTickets(deps.reports, filter)
  let told = -1
  let telling: Promise<void> = Promise.resolve()

  async function tell(): Promise<void> {
    const rows = rowsSoFar()
    if (rows === told) return
    told = rows
    const progress = Math.min(99, Math.floor((100 * rows) / Math.max(expected, rows, 1)))
    const isOpen = and(eq(exports.id, made.id), inArray(exports.status, ['queued', 'running']))
    const written = await deps.db
      .update(exports)
      .set({ status: 'running', progress, rows })
      .where(isOpen)
      .returning({ id: exports.id })
    if (written.length > 0) deps.publish?.({ events: [], alerts: [], users: [], exports: [made] })
  }
  const next = () => {
    telling = telling.then(tell).catch(() => undefined)
  }
  next()
  await telling
  const timer = setInterval(next, PERIOD_MS)
  return {
    stop() {
      clearInterval(timer)
      return telling
    },
  }
}
