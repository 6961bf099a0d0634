import type { Database } from '@servicedesk/db'
import { invalid } from '../shared/errors.ts'
import { MAX_REACHABLE, type Pagination } from '../shared/page.ts'
import type { Clock } from '../shared/ports.ts'
import { decodeCursor, encodeCursor, sameFilter } from './cursor.ts'
import {
  countStatement,
  estimateStatement,
  listStatement,
  type OrderKey,
  type TicketFilter,
} from './list-query.ts'
import { clockView, type TicketView, ticketView } from './ticket-view.ts'

const TOTAL_AGE_MS = 3_000

export interface ListRequest {
  filter: TicketFilter
  sort?: { key: OrderKey; descending: boolean } | undefined
  page?: number | undefined
  perPage: number
  cursor?: string | undefined
}

export interface TicketPage {
  tickets: TicketView[]
  pagination: Pagination
}

interface Total {
  rows: number
  isEstimate: boolean
}

/** Lists tickets by page number or by cursor; totals are kept for a few seconds. */
export function createTicketLister(deps: { db: Database; clock: Clock }) {
  const totals = new Map<string, { at: number; total: Promise<Total> }>()

  function totalOf(filter: TicketFilter): Promise<Total> {
    const now = deps.clock.now().getTime()
    const key = JSON.stringify(filter)
    const known = totals.get(key)
    if (known !== undefined && Math.abs(now - known.at) < TOTAL_AGE_MS) return known.total
    // Small and short-lived: dropping all of it is the cheapest way to bound it.
    if (totals.size > 1_000) totals.clear()
    const total = countUpTo(deps.db, filter)
    totals.set(key, { at: now, total })
    total.catch(() => totals.delete(key))
    return total
  }

  return async function list(request: ListRequest): Promise<TicketPage> {
    const { perPage } = request
    const walk = request.cursor === undefined ? null : decodeCursor(request.cursor)
    if (walk !== null) checkWalk(request, walk)
    const order = walk ?? defaultOrder(request)
    const page = request.page ?? 1
    if (walk === null && page * perPage > MAX_REACHABLE) {
      throw invalid('page', `pages reach ${MAX_REACHABLE} rows; use cursor to go further`)
    }
    const { run, values } = listStatement({
      filter: request.filter,
      ...order,
      ...(walk === null ? {} : { after: { key: walk.key, id: walk.id } }),
    })
    const offset = walk === null ? (page - 1) * perPage : 0
    const [rows, total] = await Promise.all([
      // One row more than asked for tells whether there is a next page.
      run.run(deps.db, { ...values, limit: perPage + 1, offset }),
      walk === null ? totalOf(request.filter) : null,
    ])
    const shown = rows.slice(0, perPage)
    const last = shown.at(-1)
    const hasNext = rows.length > perPage
    const next_cursor =
      hasNext && last !== undefined
        ? encodeCursor({ filter: request.filter, ...order, key: last.sort_key, id: last.id })
        : null
    return {
      tickets: shown.map((row) => ticketView(row, clockView)),
      pagination:
        total === null
          ? { per_page: perPage, has_next: hasNext, has_prev: true, next_cursor }
          : {
              page,
              per_page: perPage,
              ...totalMembers(total, perPage),
              has_next: hasNext,
              has_prev: page > 1,
              next_cursor,
            },
    }
  }
}

function totalMembers(total: Total, perPage: number) {
  return {
    total: total.rows,
    pages: Math.ceil(Math.min(total.rows, MAX_REACHABLE) / perPage),
    ...(total.isEstimate ? { total_is_estimate: true as const } : {}),
  }
}

function defaultOrder(request: ListRequest) {
  if (request.sort !== undefined) return { sort: request.sort.key, descending: request.sort.descending }
  return {
    sort: request.filter.q === undefined ? ('created_at' as const) : ('rank' as const),
    descending: true,
  }
}

function checkWalk(request: ListRequest, walk: ReturnType<typeof decodeCursor>): void {
  if (request.page !== undefined) throw invalid('page', 'cannot be used together with cursor')
  const { sort } = request
  if (sort !== undefined && (sort.key !== walk.sort || sort.descending !== walk.descending)) {
    throw invalid('sort', 'must be the one that the cursor began with')
  }
  if (!sameFilter(request.filter, walk.filter)) {
    throw invalid('cursor', 'belongs to other filters; repeat the ones it began with')
  }
}

/** Exact up to 10,000; past it the planner's estimate, which costs nothing. */
async function countUpTo(db: Database, filter: TicketFilter): Promise<Total> {
  const { run, values } = countStatement(filter)
  const [counted] = await run.run(db, { ...values, cap: MAX_REACHABLE + 1 })
  const rows = counted?.rows ?? 0
  if (rows <= MAX_REACHABLE) return { rows, isEstimate: false }
  const estimate = estimateStatement(filter)
  const [plan] = await estimate.run.run(db, estimate.values)
  const planned = plan?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0
  return { rows: Math.max(planned, rows), isEstimate: true }
}
