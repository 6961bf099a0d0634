import type { Database } from '@servicedesk/db'
import { planned } from '../shared/planned.ts'
import type { Total } from '../tickets/count-tickets.ts'
import type { Cursor, OrderKey } from '../tickets/cursor.ts'
import { findPlaces, type ListedRow, listPlaces, type Place } from '../tickets/list-rows.ts'
import type { ReadyFilter, TicketFilter } from '../tickets/ticket-filter.ts'
import { correctQuery } from './correct-query.ts'
import { findMatches, type Matches, MOST_RANKED } from './find-matches.ts'
import { parseSearch } from './parse-search.ts'

/** What a walk through a search has to remember. */
export interface SearchedList {
  newest?: number | undefined
  corrected?: string | undefined
}

export interface SearchPage {
  sort: OrderKey
  descending: boolean
  offset: number
  limit: number
  walk: Cursor | null
}

interface Found extends SearchedList {
  filter: ReadyFilter
  matches: Matches
}

/** Searches tickets: ranked among the newest matches, or in the order of a list. */
export function createTicketSearch(db: Database) {
  async function find(filter: TicketFilter, text: string, newest: number | undefined): Promise<Found> {
    const query = await parseSearch(db, text)
    const ready = { ...filter, tsquery: query.tsquery, indexQuery: query.indexQuery }
    return { filter: ready, matches: await planned(db, (tx) => findMatches(tx, ready, query, newest)) }
  }

  /** What was typed; if it is nowhere, what may have been meant. */
  async function findOrCorrect(filter: TicketFilter, walk: Cursor | null): Promise<Found> {
    const text = filter.q ?? ''
    if (walk !== null) {
      return { ...(await find(filter, walk.corrected ?? text, walk.newest)), corrected: walk.corrected }
    }
    const found = await find(filter, text, undefined)
    if (found.matches.matches.length > 0) return found
    const corrected = await planned(db, (tx) => correctQuery(tx, filter, text))
    if (corrected === undefined) return found
    const meant = await find(filter, corrected, undefined)
    return meant.matches.matches.length > 0 ? { ...meant, corrected } : found
  }

  return async function search(
    filter: TicketFilter,
    page: SearchPage,
  ): Promise<SearchedList & { rows: ListedRow[]; total: Total | null }> {
    const { walk } = page
    const found = await findOrCorrect(filter, walk)
    const { matches, total, isWhole } = found.matches
    const places = page.sort === 'rank' ? ranked(found, page) : await sorted(db, found, page.sort, page)
    return {
      rows: await listPlaces(db, places),
      total: walk === null ? { rows: total, isEstimate: !isWhole } : null,
      corrected: found.corrected,
      newest: page.sort === 'rank' ? (walk?.newest ?? newestOf(matches)) : undefined,
    }
  }
}

const newestOf = (matches: Matches['matches']) => matches.reduce((newest, { id }) => Math.max(newest, id), 0)

function ranked({ matches: { matches } }: Found, { walk, offset, limit }: SearchPage): Place[] {
  const key = Number(walk?.key)
  const behind = (match: { id: number; rank: number }) =>
    walk === null || match.rank < key || (match.rank === key && match.id < walk.id)
  return matches
    .slice(0, MOST_RANKED)
    .filter(behind)
    .slice(offset, offset + limit)
    .map(({ id, rank }) => ({ id, sort_key: String(rank) }))
}

async function sorted(
  db: Database,
  { filter, matches: { matches, isWhole } }: Found,
  sort: Exclude<OrderKey, 'rank'>,
  { descending, walk, offset, limit }: SearchPage,
): Promise<Place[]> {
  const shape = { sort, descending, after: walk ?? undefined, offset, limit }
  if (!isWhole) return findPlaces(db, { ...shape, filter }, Number.POSITIVE_INFINITY)
  const among = matches.map(({ id }) => id).join(',')
  return findPlaces(db, { ...shape, filter: { among } }, matches.length)
}
