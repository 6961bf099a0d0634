import type { Database } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { invalid } from './errors.ts'
import { decodePlace, encodePlace, type WalkFilter } from './keyset.ts'
import type { CursorSeal } from './seal.ts'

/** Rows that page numbers reach, and up to which a total is exact. */
export const MAX_REACHABLE = 10_000

export interface PageRequest {
  page?: number | undefined
  perPage: number
  cursor?: string | undefined
}

export interface Pagination {
  page?: number
  per_page: number
  total?: number
  total_is_estimate?: true
  pages?: number
  has_next: boolean
  has_prev: boolean
  next_cursor: string | null
}

/** What listing needs. */
export interface ListDeps {
  db: Database
  seal: CursorSeal
}

/** A list in one fixed order. */
export interface PagedList<Row> {
  filter: WalkFilter
  /** `FROM … WHERE …` of everything that matches. */
  matching: SQL
  placeOf(row: Row): string[]
  /** Rows in order; `after` is the place behind which they begin. */
  rows(limit: number, offset: number, after: string[] | undefined): Promise<readonly Row[]>
}

/**
 * One page of a list, by number or by cursor.
 * @throws DomainError 400 for a page past {@link MAX_REACHABLE} rows, or a cursor that does not fit
 */
export async function pageOf<Row>(
  { db, seal }: ListDeps,
  request: PageRequest,
  list: PagedList<Row>,
): Promise<{ rows: Row[]; pagination: Pagination }> {
  const { perPage: per_page, cursor } = request
  const page = request.page ?? 1
  if (cursor !== undefined && request.page !== undefined) {
    throw invalid('page', 'cannot be used together with cursor')
  }
  if (page * per_page > MAX_REACHABLE) {
    throw invalid('page', `pages reach ${MAX_REACHABLE} rows; use cursor to go further`)
  }
  const after = cursor === undefined ? undefined : decodePlace(seal, cursor, list.filter)
  const [found, totals] = await Promise.all([
    // One row more than asked for tells whether there is a next page.
    list.rows(per_page + 1, (page - 1) * per_page, after),
    after === undefined ? totalsOf(db, list.matching, per_page) : null,
  ])
  const rows = found.slice(0, per_page)
  const last = rows.at(-1)
  const has_next = found.length > per_page
  const next_cursor =
    has_next && last !== undefined ? encodePlace(seal, list.filter, list.placeOf(last)) : null
  const where = { has_next, has_prev: page > 1 || after !== undefined, next_cursor }
  return {
    rows,
    pagination: totals === null ? { per_page, ...where } : { page, per_page, ...totals, ...where },
  }
}

/** Exact up to 10,000; past it the planner's estimate, which costs nothing. */
async function totalsOf(db: Database, matching: SQL, perPage: number) {
  const [counted] = await db.execute<{ rows: number }>(
    sql`SELECT count(*)::int AS rows FROM (SELECT 1 ${matching} LIMIT ${MAX_REACHABLE + 1}) c`,
  )
  const rows = counted?.rows ?? 0
  if (rows <= MAX_REACHABLE) return { total: rows, pages: Math.ceil(rows / perPage) }
  const [plan] = await db.execute<{ 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] }>(
    sql`EXPLAIN (FORMAT JSON) SELECT 1 ${matching}`,
  )
  const planned = plan?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0
  return {
    total: Math.max(planned, rows),
    pages: Math.ceil(MAX_REACHABLE / perPage),
    total_is_estimate: true as const,
  }
}
