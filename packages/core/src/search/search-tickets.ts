import type { Database } from '@servicedesk/db'
import type { Total } from '../tickets/count-tickets.ts'
import type { Cursor, OrderKey } from '../tickets/cursor.ts'
import { findPlaces, type ListedRow, listPlaces, type Place } from '../tickets/list-rows.ts'
import type { TicketFilter } from '../tickets/ticket-filter.ts'
import { type Matches, MOST_RANKED } from './find-matches.ts'
import { type Found, findMeant, findText } from './find-meant.ts'

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

/** Searches tickets: ranked among the newest matches, or in the order of a list. */
export function createTicketSearch(db: Database) {
  async function find(filter: TicketFilter, walk: Cursor | null): Promise<Found> {
    const text = filter.q ?? ''
    if (walk === null) return findMeant(db, filter, text)
    // A walk goes on with what it began with.
    const { corrected, newest } = walk
    return { ...(await findText(db, filter, corrected ?? text, newest)), corrected }
  }

  return async function search(
    filter: TicketFilter,
    page: SearchPage,
  ): Promise<SearchedList & { rows: ListedRow[]; total: Total | null }> {
    const { walk } = page
    const found = await find(filter, walk)
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
