import { defineStatement, type Executor, type Row } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { ALWAYS } from './days.ts'
import { IS_ACTIVE } from './facts.ts'
import { dividedSettled, settledBy } from './settled.ts'

/** How many tickets are where. */
export interface StatusCounts extends Row {
  /** Of class new and open. */
  open: number
  pending: number
  /** Of class resolved and closed. */
  closed: number
}

const countStatement = defineStatement<Record<string, never>, StatusCounts>(
  'status_counts',
  sql`
  WITH ${dividedSettled(ALWAYS)}, open AS (
    SELECT count(*) FILTER (WHERE s.class <> 'pending')::int AS open,
      count(*) FILTER (WHERE s.class = 'pending')::int AS pending
    FROM tickets t JOIN statuses s ON s.id = t.status_id WHERE ${IS_ACTIVE}
  )
  SELECT open, pending, (SELECT coalesce(sum(settled), 0)::int FROM (${settledBy('status')}) x) AS closed FROM open`,
)

/** Counts the tickets that are not deleted. */
export async function statusCounts(db: Executor): Promise<StatusCounts> {
  const [row] = await countStatement.run(db, {})
  if (row === undefined) throw new Error('An aggregate answered no row')
  return row
}
