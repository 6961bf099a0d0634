import { type SQL, sql } from 'drizzle-orm'
import type { Span } from './facts.ts'

/** A UTC day's beginning. */
export const startOf = (day: SQL) => sql`((${day})::timestamp AT TIME ZONE 'UTC')`

/**
 * Parts of a statement that divide `[from, to)`: `good` has the UTC days that lie in it as a whole and may be read from
 * their rollup, which are rolled and not marked as changed; `gaps` has the spans (`since`, `until`) between them, to
 * be counted from the rows. Both are of the statement's own snapshot, so that figures are exact whatever the
 * rollup's job does meanwhile.
 * @param except holds for days that must be counted from the rows all the same
 */
export function divided({ since: from, until: to }: Span, except: SQL = sql`false`): SQL {
  return sql`good AS MATERIALIZED (
      SELECT r.day FROM stats_rolled r
      WHERE r.rolled_at IS NOT NULL AND ${startOf(sql`r.day`)} >= ${from} AND ${startOf(sql`r.day + 1`)} <= ${to}
        AND NOT EXISTS (SELECT 1 FROM stats_marks m WHERE m.day = r.day) AND NOT (${except})
    ), gaps AS MATERIALIZED (
      SELECT since, until FROM (
        SELECT ends AS since, coalesce(lead(starts) OVER (ORDER BY starts NULLS FIRST), ${to}) AS until
        FROM (
          SELECT NULL::timestamptz AS starts, ${from} AS ends
          UNION ALL SELECT ${startOf(sql`day`)}, ${startOf(sql`day + 1`)} FROM good
        ) edges
      ) spans WHERE since < until
    )`
}

/** All of time, for {@link divided}. */
export const ALWAYS: Span = { since: sql`'-infinity'::timestamptz`, until: sql`'infinity'::timestamptz` }

/** What `facts` makes of the gaps of {@link divided}, each looked up by itself. */
export function inGaps(facts: (span: Span) => SQL): SQL {
  return sql`gaps g CROSS JOIN LATERAL (
      SELECT * FROM (${facts({ since: sql`g.since`, until: sql`g.until` })}) facts OFFSET 0
    ) f`
}
