import type { Database } from '@servicedesk/db'
import { MOST_RANKED } from '../search/find-matches.ts'
import { createTicketSearch, type SearchedList } from '../search/search-tickets.ts'
import { invalid } from '../shared/errors.ts'
import { type ListDeps, MAX_REACHABLE, type Pagination } from '../shared/page.ts'
import { planned } from '../shared/planned.ts'
import type { Clock } from '../shared/ports.ts'
import { countTickets, type Total } from './count-tickets.ts'
import { type Cursor, decodeCursor, encodeCursor, type OrderKey, sameFilter } from './cursor.ts'
import type { TicketSort } from './list-order.ts'
import { createPreparedLister, findPlaces, hasOnePlan, type ListedRow, listPlaces } from './list-rows.ts'
import type { TicketFilter } from './ticket-filter.ts'
import { listedTicket, type TicketView } from './ticket-view.ts'

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
export function createTicketLister(deps: ListDeps & { clock: Clock }) {
  const { db, seal } = deps
  const totalOf = createTotals(deps)
  const prepared = createPreparedLister()
  const search = createTicketSearch(db)

  async function plainPage({ filter }: ListRequest, order: Order, place: PagePlace): Promise<PageRows> {
    const { walk } = place
    // Ranked are only searches.
    const sort = order.sort === 'rank' ? 'created_at' : order.sort
    const { descending } = order
    const shape = {
      filter,
      sort,
      descending,
      after: walk ?? undefined,
      offset: place.offset,
      limit: place.limit,
    }
    if (hasOnePlan(shape)) {
      const [rows, total] = await Promise.all([prepared(db, shape), walk === null ? totalOf(filter) : null])
      return { rows, total }
    }
    const total = await totalOf(filter)
    const rows = await listPlaces(db, await findPlaces(db, shape, total.rows))
    return { rows, total: walk === null ? total : null }
  }

  return async function list(asked: ListRequest): Promise<TicketPage> {
    const walk = asked.cursor === undefined ? null : decodeCursor(seal, asked.cursor)
    const request = walk === null ? asked : goingOn(asked, walk)
    const { perPage, filter } = request
    const order = walk ?? defaultOrder(request)
    const page = request.page ?? 1
    const reachable = order.sort === 'rank' ? MOST_RANKED : MAX_REACHABLE
    if (walk === null && page * perPage > reachable) throw outOfReach(reachable)
    // One row more than asked for tells whether there is a next page.
    const place = { offset: walk === null ? (page - 1) * perPage : 0, limit: perPage + 1, walk }
    const found =
      filter.q === undefined
        ? await plainPage(request, order, place)
        : await search(filter, { ...orderOf(order), ...place })
    const shown = found.rows.slice(0, perPage)
    const last = shown.at(-1)
    const hasNext = found.rows.length > perPage
    const { newest, corrected } = found
    const next_cursor =
      hasNext && last !== undefined
        ? encodeCursor(seal, {
            filter,
            ...orderOf(order),
            key: last.sort_key,
            id: last.id,
            newest,
            corrected,
          })
        : null
    const around = { has_next: hasNext, has_prev: walk !== null || page > 1, next_cursor }
    return {
      tickets: shown.map(listedTicket),
      pagination:
        found.total === null
          ? { per_page: perPage, ...around }
          : { page, per_page: perPage, ...totalMembers(found.total, perPage, reachable), ...around },
      ...(corrected === undefined ? {} : { corrected_query: corrected }),
    }
  }
}

/** Which part of a list a page is: so many rows behind where a walk stands, or from its beginning. */
interface PagePlace {
  offset: number
  limit: number
  walk: Cursor | null
}

interface Order {
  sort: OrderKey
  descending: boolean
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

function defaultOrder(request: ListRequest): Order {
  if (request.sort !== undefined) return { sort: request.sort.key, descending: request.sort.descending }
  return { sort: request.filter.q === undefined ? 'created_at' : 'rank', descending: true }
}

const orderOf = ({ sort, descending }: Order): Order => ({ sort, descending })

/**
 * A request that goes on with a walk: the cursor has the filters and the order. Whoever repeats filters repeats all of them, and
 * nobody goes on with what somebody else may see.
 */
function goingOn(request: ListRequest, walk: Cursor): ListRequest {
  if (request.page !== undefined) throw invalid('page', 'cannot be used together with cursor')
  const { sort } = request
  if (sort !== undefined && (sort.key !== walk.sort || sort.descending !== walk.descending)) {
    throw invalid('sort', 'must be the one that the cursor began with')
  }
  const { visibleTo, ...given } = request.filter
  if (visibleTo !== walk.filter.visibleTo) throw invalid('cursor', 'belongs to what somebody else may see')
  const isBare = Object.keys(given).length === 0
  if (!isBare && !sameFilter(request.filter, walk.filter)) {
    throw invalid('cursor', 'belongs to other filters; leave them out, or repeat the ones it began with')
  }
  return { ...request, filter: walk.filter }
}
