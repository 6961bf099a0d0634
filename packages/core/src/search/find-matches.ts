import type { Tx } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { matchingTickets } from '../tickets/matching-tickets.ts'
import {
  indexMatch,
  otherFilters,
  type ReadyFilter,
  readableWords,
  selectionOf,
  textMatch,
  valuesOf,
} from '../tickets/ticket-filter.ts'
import { planSearch, type Reach } from './plan-search.ts'
import type { TextQuery } from './text-query.ts'

/** So many of the newest matches are ranked: all of a common word's would take longer than anybody waits. */
export const MOST_RANKED = 2_000
/** The index of words knows blocks of 16,384 tickets. */
const BLOCK_BITS = 14
/** A ticket whose number was typed comes before those in which it is written; `ts_rank` stays below 1. */
const NUMBER_RANK = 9

export interface Match {
  id: number
  rank: number
}

export interface Matches {
  /** The best first; of equals the newest. */
  matches: Match[]
  /** About how many there are; exact when it is the length of `matches`. */
  total: number
  /** There are no others. */
  isWhole: boolean
}

/**
 * The newest {@link MOST_RANKED} tickets that have the words and fulfil the other filters, ranked.
 * @param tx with the settings of `planned`
 * @param newest none that is newer than this id: what a walk saw when it began
 */
export async function findMatches(
  tx: Tx,
  filter: ReadyFilter,
  query: TextQuery,
  newest: number | undefined,
): Promise<Matches> {
  const plan = await planSearch(tx, filter, query)
  const values: Record<string, unknown> = { ...valuesOf(filter), newest }
  const numbered = await findNumbered(tx, filter)
  if (query.tsquery === '') return { matches: numbered, total: numbered.length, isWhole: true }
  for (let reach = plan.first; ; reach *= 8) {
    const isAll = reach >= plan.tickets
    values.block = Math.floor(Math.max(0, plan.top - reach) / 2 ** BLOCK_BITS)
    const read = READS[plan.by](filter, (name) => values[name], isAll ? undefined : Math.ceil(reach))
    const [row] = await tx.execute<{ matches: [number, number][] | null }>(sql`
      SELECT json_agg(json_build_array(m.id, ts_rank(m.readable, ${query.tsquery}::tsquery))) AS matches FROM (${read}) m`)
    const found = row?.matches ?? []
    if (!isAll && found.length < MOST_RANKED) continue
    const matches = [
      ...numbered,
      ...found.map(([id, rank]) => ({ id, rank })).filter(({ id }) => id !== numbered[0]?.id),
    ].sort((a, b) => b.rank - a.rank || b.id - a.id)
    const isWhole = found.length < MOST_RANKED
    return { matches, isWhole, total: isWhole ? matches.length : Math.max(matches.length, plan.expected) }
  }
}

/** The ticket whose number was typed, if the other filters leave it. */
async function findNumbered(tx: Tx, filter: ReadyFilter): Promise<Match[]> {
  if (filter.ticketId === undefined) return []
  const rest = { ...otherFilters(filter), ticketId: filter.ticketId }
  const rows = await tx.execute<{ id: number }>(sql`SELECT t.id ${matchingTickets(rest)}`)
  return rows.map(({ id }) => ({ id, rank: NUMBER_RANK }))
}

type ValueOf = (name: string) => unknown
/** Reads matches among the newest `reach` tickets, or among all. */
type Read = (filter: ReadyFilter, bound: ValueOf, reach: number | undefined) => SQL

/** The other filters as conditions of the ticket `t`. */
function others(filter: ReadyFilter, bound: ValueOf) {
  return selectionOf(otherFilters(filter), bound, { mayBranch: true })
}
const CLOCK = sql`LEFT JOIN sla_clocks k ON k.ticket_id = t.id AND k.metric = 'resolution'`
const upTo = (id: SQL, bound: ValueOf) =>
  bound('newest') === undefined ? sql`true` : sql`${id} <= ${bound('newest')}::bigint`
const MOST = sql.raw(String(MOST_RANKED))

/** The ticket of a row `s`, if it fulfils the other filters. Deleted tickets have no row, so without filters none is asked. */
function itsTicket(filter: ReadyFilter, bound: ValueOf): SQL {
  const rest = otherFilters(filter)
  if (Object.keys(rest).length === 0) return sql``
  const { common, needsClock } = selectionOf(rest, bound)
  return sql`CROSS JOIN LATERAL (SELECT 1 FROM tickets t ${needsClock ? CLOCK : sql``}
    WHERE t.id = s.ticket_id AND ${sql.join(common, sql` AND `)} OFFSET 0) t`
}

const READS: Record<Reach, Read> = {
  /** Common words: from the newest ticket backwards until there are enough. */
  walk: (filter, bound, reach) => sql`
    SELECT s.ticket_id AS id, ${readableWords(filter)} AS readable
    FROM (SELECT * FROM ticket_search s WHERE ${upTo(sql`s.ticket_id`, bound)}
      ORDER BY s.ticket_id DESC LIMIT ${sql.raw(reach === undefined ? 'ALL' : String(reach))} OFFSET 0) s
    ${itsTicket(filter, bound)}
    WHERE ${textMatch(filter, bound)} LIMIT ${MOST}`,
  /** Rare words: by their index, which also knows blocks of tickets and so reads nothing older than it must. */
  index: (filter, bound, reach) => {
    const block =
      reach === undefined
        ? sql``
        : sql`AND (s.ticket_id >> ${sql.raw(String(BLOCK_BITS))}) >= ${bound('block')}::bigint`
    return sql`
    SELECT s.ticket_id AS id, s.readable FROM (
      SELECT s.ticket_id, ${readableWords(filter)} AS readable FROM ticket_search s
      WHERE ${indexMatch(filter, bound, block)} AND ${textMatch(filter, bound)} AND ${upTo(sql`s.ticket_id`, bound)} OFFSET 0) s
    ${itsTicket(filter, bound)}
    ORDER BY s.ticket_id DESC LIMIT ${MOST}`
  },
  /** Other filters leave few: each of those is looked at. */
  filters: (filter, bound, reach) => {
    const { common, branches, needsClock } = others(filter, bound)
    const most = sql.raw(reach === undefined ? 'ALL' : String(reach))
    const reads = branches.map(
      (branch) => sql`(SELECT t.id, t.created_at FROM tickets t ${needsClock ? CLOCK : sql``}
        WHERE ${sql.join([...common, ...branch, upTo(sql`t.id`, bound)], sql` AND `)}
        ORDER BY t.created_at DESC, t.id DESC LIMIT ${most})`,
    )
    return sql`
    SELECT t.id, s.readable FROM (
      SELECT * FROM (${sql.join(reads, sql` UNION ALL `)}) t ORDER BY t.created_at DESC, t.id DESC LIMIT ${most} OFFSET 0) t
    CROSS JOIN LATERAL (SELECT ${readableWords(filter)} AS readable FROM ticket_search s
      WHERE s.ticket_id = t.id AND ${textMatch(filter, bound)} OFFSET 0) s
    LIMIT ${MOST}`
  },
}
