import type { Executor, Tx } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { MAX_REACHABLE } from '../shared/page.ts'
import { matchingTickets } from './matching-tickets.ts'
import type { ReadyFilter } from './ticket-filter.ts'

export interface Total {
  rows: number
  isEstimate: boolean
}

/** What counting may cost, in the planner's units: some 20 ms. */
const COST_LIMIT = 30_000

interface Plan extends Record<string, unknown> {
  'QUERY PLAN': { Plan: PlanNode }[]
}

interface PlanNode {
  'Total Cost': number
  'Plan Rows': number
  Plans?: PlanNode[]
}

/**
 * Counts tickets: exactly to {@link MAX_REACHABLE}, unless that would take long; then, and past it, it answers the planner's
 * estimate, which costs nothing.
 * @param tx with the settings of `planned`
 */
export async function countTickets(tx: Tx, filter: ReadyFilter): Promise<Total> {
  const capped = sql`SELECT 1 ${matchingTickets(filter)} LIMIT ${sql.raw(String(MAX_REACHABLE + 1))}`
  const plan = await explain(tx, capped)
  const estimate = plan?.Plans?.[0]?.['Plan Rows'] ?? 0
  if ((plan?.['Total Cost'] ?? 0) > COST_LIMIT) return { rows: estimate, isEstimate: true }
  const [counted] = await tx.execute<{ rows: number }>(sql`SELECT count(*)::int AS rows FROM (${capped}) c`)
  const rows = counted?.rows ?? 0
  return rows <= MAX_REACHABLE
    ? { rows, isEstimate: false }
    : { rows: Math.max(estimate, rows), isEstimate: true }
}

/** How many tickets the planner thinks match. */
export async function estimateTickets(db: Executor, filter: ReadyFilter): Promise<number> {
  const plan = await explain(db, sql`SELECT 1 ${matchingTickets(filter)}`)
  return plan?.['Plan Rows'] ?? 0
}

async function explain(db: Executor, query: SQL): Promise<PlanNode | undefined> {
  const [explained] = await db.execute<Plan>(sql`EXPLAIN (FORMAT JSON) ${query}`)
  return explained?.['QUERY PLAN'][0]?.Plan
}
