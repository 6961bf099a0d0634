import type { Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { estimateTickets } from '../tickets/count-tickets.ts'
import { otherFilters, type ReadyFilter, textMatch } from '../tickets/ticket-filter.ts'
import type { TextQuery } from './text-query.ts'

/** How matches are reached: from the newest ticket backwards, by the index of words, or by the other filters. */
export type Reach = 'walk' | 'index' | 'filters'

export interface SearchPlan {
  by: Reach
  /** Among how many of the newest tickets there should be enough; for `filters`, of those that the filters leave. */
  first: number
  /** How many there are in all: beyond it there is nothing to reach. */
  tickets: number
  /** The newest ticket's id. */
  top: number
  /** About how many match. */
  expected: number
}

const WANTED = 2_000
/** Looks a little further than it seems needed: looking twice costs more. */
const MARGIN = 1.3
/** The newest tickets tell how common the words are; the planner knows that only of the most common ones. */
const SAMPLE = 1_000
/** Filters that leave so few are followed without asking how common the words are. */
const FEW = 3_000
/** The first ticket's id is 1001. */
const BEFORE_FIRST = 1_000
/** Microseconds for a row: read in order, by its key, found by the index of words. */
const COST = { read: 1.5, lookUp: 6, found: 8 }

/** Chooses the way that reads least. */
export async function planSearch(tx: Tx, filter: ReadyFilter, query: TextQuery): Promise<SearchPlan> {
  const rest = otherFilters(filter)
  const isFiltered = Object.keys(rest).length > 0
  const [{ top } = { top: 0 }] = await tx.execute<{ top: number }>(
    sql`SELECT coalesce(max(ticket_id), 0) AS top FROM ticket_search`,
  )
  const tickets = Math.max(SAMPLE, top - BEFORE_FIRST)
  const left = isFiltered ? await estimateTickets(tx, rest) : tickets
  // A requester's own are never many, and what others wrote must not decide how long it takes.
  if (isFiltered && (left <= FEW || filter.visibleTo !== undefined)) {
    return { by: 'filters', first: left * 10 + FEW, tickets, top, expected: WANTED }
  }
  const [sample] = await tx.execute<{ hits: number; rows: number }>(sql`
    SELECT count(*) FILTER (WHERE ${textMatch(filter, () => query.tsquery)})::int AS hits, count(*)::int AS rows
    FROM (SELECT * FROM ticket_search ORDER BY ticket_id DESC LIMIT ${sql.raw(String(SAMPLE))}) s`)
  const density = ((sample?.hits ?? 0) + 0.5) / Math.max(1, sample?.rows ?? 0)
  const share = Math.min(1, Math.max(left, 1) / tickets)
  const expected = Math.round(tickets * density * share)
  const enough = (MARGIN * WANTED) / density
  const reach = Math.min(tickets, enough / share)
  const costs: Record<Reach, number> = {
    walk: reach * (COST.read + (isFiltered ? density * COST.lookUp : 0)),
    index: reach * density * (COST.found + (isFiltered ? COST.lookUp : 0)),
    filters: isFiltered ? Math.min(left, enough) * (COST.lookUp + COST.read) : Number.POSITIVE_INFINITY,
  }
  const by = (Object.keys(costs) as Reach[]).reduce((best, each) => (costs[each] < costs[best] ? each : best))
  return { by, first: by === 'filters' ? enough : reach, tickets, top, expected }
}
