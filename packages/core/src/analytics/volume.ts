import { defineStatement, type Executor } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { Bucket } from './buckets.ts'
import { divided, inGaps } from './days.ts'
import { IS_ACTIVE, moveFacts } from './facts.ts'

/** What happened in one bucket. */
export interface VolumeBucket {
  /** When it begins and ends, ISO 8601 in UTC. */
  start: string
  end: string
  /** What it is called in the caller's zone. */
  label: string
  /** Tickets that were reported in it. */
  created: number
  /** Tickets that were resolved or closed in it, each time that they were. */
  resolved: number
  /** Tickets that were opened again in it, each time. */
  reopened: number
  /** Tickets that were open at its end, or are now while it goes on; null before it begins. */
  backlog: number | null
}

const SLOT_MS = 900_000

const p = sql.placeholder
/** From the first edge to all that came later, because the backlog is counted backwards from what is open now. */
const SINCE = { since: sql`${p('from')}::timestamptz`, until: sql`'infinity'::timestamptz` }

const volumeStatement = defineStatement<
  { from: string; edges: string; uneven: string },
  { bucket: number; created: number; resolved: number; reopened: number; active: number }
>(
  'volume',
  sql`
  WITH ${divided(SINCE, sql`r.day = ANY (string_to_array(${p('uneven')}, ',')::date[])`)}, edges AS MATERIALIZED (
    SELECT string_to_array(${p('edges')}, ',')::timestamptz[] AS instants
  ), moves AS (
    SELECT s.slot AS at, s.created, s.resolved, s.reopened FROM good JOIN stats_slots s ON s.day = good.day
    UNION ALL
    SELECT f.at, f.created, f.resolved, f.reopened FROM ${inGaps(moveFacts)}
  )
  SELECT width_bucket(at, edges.instants)::int AS bucket, sum(created)::int AS created, sum(resolved)::int AS resolved,
    sum(reopened)::int AS reopened, 0 AS active
  FROM moves, edges GROUP BY 1
  UNION ALL
  SELECT 0, 0, 0, 0, count(*)::int FROM tickets t WHERE ${IS_ACTIVE}`,
)

/**
 * What happened bucket by bucket. The backlog is what is open now, less what came and plus what went since the bucket's
 * end, so it fits the other three.
 * @param buckets of one period, in order, without holes
 */
export async function volume(db: Executor, buckets: readonly Bucket[], now: Date): Promise<VolumeBucket[]> {
  const edges = [...buckets.map(({ start }) => start), ...buckets.slice(-1).map(({ end }) => end)]
  const [from] = edges
  if (from === undefined) return []
  // A day with an edge inside a quarter of an hour is counted from its rows.
  const uneven = edges.filter((edge) => edge.getTime() % SLOT_MS !== 0)
  const rows = await volumeStatement.run(db, {
    from: from.toISOString(),
    edges: edges.map((edge) => edge.toISOString()).join(','),
    uneven: uneven.map((edge) => edge.toISOString().slice(0, 10)).join(','),
  })
  const none = { created: 0, resolved: 0, reopened: 0 }
  const counted = (index: number) => rows.find((row) => row.bucket === index) ?? none
  const after = counted(edges.length)
  let backlog =
    (rows.find((row) => row.bucket === 0)?.active ?? 0) - after.created + after.resolved - after.reopened
  const backwards = buckets
    .map((bucket, index) => ({ ...bucket, ...counted(index + 1) }))
    .toReversed()
    .map(({ start, end, label, created, resolved, reopened }) => {
      const moved = { created, resolved, reopened, backlog: start > now ? null : backlog }
      backlog += resolved - created - reopened
      return { start: start.toISOString(), end: end.toISOString(), label, ...moved }
    })
  return backwards.toReversed()
}
