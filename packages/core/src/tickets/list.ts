import type { Database } from '@servicedesk/db'
import { MOST_RANKED } from '../search/find-matches.ts'
import { createTicketSearch, type SearchedList } from '../search/search-tickets.ts'
import { invalid } from '../shared/errors.ts'
import { MAX_REACHABLE, type Pagination } from '../shared/page.ts'
import { planned } from '../shared/planned.ts'
import type { Clock } from '../shared/ports.ts'
import { countTickets, type Total } from './count-tickets.ts'
import { type Cursor, decodeCursor, encodeCursor, type OrderKey, sameFilter } from './cursor.ts'
import type { TicketSort } from './list-order.ts'
import { createPreparedLister, findPlaces, hasOnePlan, type ListedRow, listPlaces } from './list-rows.ts'
import type { TicketFilter } from './ticket-filter.ts'
import { clockView, type TicketView, ticketView } from './ticket-view.ts'

const TOTAL_AGE_MS = 3_000

export interface ListRequest {
  filter: TicketFilter
  sort?: { key: TicketSort; descending: boolean } | undefined
  page?: number | undefined
  perPage: number
  cursor?: string | undefined
}

export interface TicketPage {
  tickets: TicketView[]
  pagination: Pagination
  /** What was searched for instead, because what was typed is nowhere. */
  corrected_query?: string
}

/** A page's rows, one more than it has if there is a next one. */
export interface PageRows extends SearchedList {
  rows: ListedRow[]
  /** Null for walks. */
  total: Total | null
}

/** Lists tickets by page number or by cursor; totals are kept for a few seconds. */
export function createTicketLister(deps: { db: Database; clock: Clock }) {
  const { db } = deps
  const totalOf = createTotals(deps)
  const prepared = createPreparedLister()
  const search = createTicketSearch(db)

  async function plainPage(request: ListRequest, walk: Cursor | null, place: PagePlace): Promise<PageRows> {
    const shape = shapeOfPage(request, walk, place)
    if (hasOnePlan(shape)) {
      const [rows, total] = await Promise.all([
        prepared(db, shape),
        walk === null ? totalOf(request.filter) : null,
      ])
      return { rows, total }
    }
    const total = await totalOf(request.filter)
    const rows = await listPlaces(db, await findPlaces(db, shape, total.rows))
    return { rows, total: walk === null ? total : null }
  }

  return async function list(request: ListRequest): Promise<TicketPage> {
    const { perPage, filter } = request
    const walk = request.cursor === undefined ? null : decodeCursor(request.cursor)
    if (walk !== null) checkWalk(request, walk)
    const order = walk ?? defaultOrder(request)
    const page = request.page ?? 1
    const reachable = order.sort === 'rank' ? MOST_RANKED : MAX_REACHABLE
    if (walk === null && page * perPage > reachable) throw outOfReach(reachable)
    // One row more than asked for tells whether there is a next page.
    const place = { offset: walk === null ? (page - 1) * perPage : 0, limit: perPage + 1 }
    const found =
      filter.q === undefined
        ? await plainPage(request, walk, place)
        : await search(filter, { ...order, ...place, walk })
    const shown = found.rows.slice(0, perPage)
    const last = shown.at(-1)
    const hasNext = found.rows.length > perPage
    const { newest, corrected } = found
    const next_cursor =
      hasNext && last !== undefined
        ? encodeCursor({ filter, ...orderOf(order), key: last.sort_key, id: last.id, newest, corrected })
        : null
    const around = { has_next: hasNext, has_prev: walk !== null || page > 1, next_cursor }
    return {
      tickets: shown.map((row) => ticketView(row, clockView)),
      pagination:
        found.total === null
          ? { per_page: perPage, ...around }
          : { page, per_page: perPage, ...totalMembers(found.total, perPage, reachable), ...around },
      ...(corrected === undefined ? {} : { corrected_query: corrected }),
    }
  }
}

/** Which part of a list a page is. */
export interface PagePlace {
  offset: number
  limit: number
}

function shapeOfPage(request: ListRequest, walk: Cursor | null, place: PagePlace) {
  const { key: sort, descending } = request.sort ?? { key: 'created_at' as const, descending: true }
  return { filter: request.filter, sort, descending, after: walk ?? undefined, ...place }
}

function createTotals(deps: { db: Database; clock: Clock }) {
  const totals = new Map<string, { at: number; total: Promise<Total> }>()
  return function totalOf(filter: TicketFilter): Promise<Total> {
    const now = deps.clock.now().getTime()
    const key = JSON.stringify(filter)
    const known = totals.get(key)
    if (known !== undefined && Math.abs(now - known.at) < TOTAL_AGE_MS) return known.total
    // Small and short-lived: dropping all of it is the cheapest way to bound it.
    if (totals.size > 1_000) totals.clear()
    const total = planned(deps.db, (tx) => countTickets(tx, filter))
    totals.set(key, { at: now, total })
    total.catch(() => totals.delete(key))
    return total
  }
}

function totalMembers(total: Total, perPage: number, reachable: number) {
  return {
    total: total.rows,
    pages: Math.ceil(Math.min(total.rows, reachable) / perPage),
    ...(total.isEstimate ? { total_is_estimate: true as const } : {}),
  }
}

function outOfReach(rows: number) {
  const further = rows === MOST_RANKED ? 'give a sort to go further' : 'use cursor to go further'
  return invalid('page', `pages reach ${rows} rows; ${further}`)
}

function defaultOrder(request: ListRequest): { sort: OrderKey; descending: boolean } {
  if (request.sort !== undefined) return { sort: request.sort.key, descending: request.sort.descending }
  return { sort: request.filter.q === undefined ? 'created_at' : 'rank', descending: true }
}

const orderOf = ({ sort, descending }: { sort: OrderKey; descending: boolean }) => ({ sort, descending })

function checkWalk(request: ListRequest, walk: Cursor): void {
  if (request.page !== undefined) throw invalid('page', 'cannot be used together with cursor')
  const { sort } = request
  if (sort !== undefined && (sort.key !== walk.sort || sort.descending !== walk.descending)) {
    throw invalid('sort', 'must be the one that the cursor began with')
  }
  if (!sameFilter(request.filter, walk.filter)) {
    throw invalid('cursor', 'belongs to other filters; repeat the ones it began with')
  }
}
