import type { StatsDimension } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { divided, inGaps } from './days.ts'
import { type Span, settledFacts } from './facts.ts'

/** Parts of a statement as `divided` makes them, with what was settled in the gaps as `live`. */
export function dividedSettled(span: Span): SQL {
  return sql`${divided(span)}, live AS MATERIALIZED (
      SELECT f.* FROM ${inGaps(settledFacts)}
    )`
}

/**
 * A query for what was settled in the span of {@link dividedSettled}, by one dimension: `key_id, settled, met,
 * violated, handle_ms`, in parts that add up.
 */
export function settledBy(dimension: Exclude<StatsDimension, 'all'>): SQL {
  return sql`
    SELECT d.key_id, d.settled, d.met, d.violated, d.handle_ms
    FROM good JOIN stats_days d ON d.dimension = ${sql.raw(`'${dimension}'`)} AND d.day = good.day
    UNION ALL
    SELECT coalesce(${sql.identifier(dimension)}, 0), settled, met, violated, handle_ms FROM live`
}
