import { type SQL, sql } from 'drizzle-orm'

/** A span `[since, until)` of a query: two expressions of type timestamptz. */
export interface Span {
  since: SQL
  until: SQL
}

/** Open, assigned or not; of class new, open or pending. `t` is the ticket. */
export const IS_ACTIVE = sql`t.deleted_at IS NULL AND t.status_class IN ('new', 'open', 'pending')`
/** Resolved or closed. */
const IS_SETTLED = sql`t.deleted_at IS NULL AND t.status_class IN ('resolved', 'closed')`
/** When a settled ticket was: it keeps the instant when it goes from Resolved to Closed. */
const SETTLED_AT = sql`coalesce(t.resolved_at, t.closed_at, t.created_at)`

const within = (instant: SQL, { since, until }: Span) => sql`${instant} >= ${since} AND ${instant} < ${until}`

/**
 * One row: how many open tickets' resolution clocks are `violated`, and how many `at_risk` (warned, not breached). An open
 * ticket's clock is never stopped, so the index need not hold those of all time.
 */
export const OPEN_ALARMS = sql`
  SELECT count(*) FILTER (WHERE k.breached_at IS NOT NULL) AS violated,
    count(*) FILTER (WHERE k.breached_at IS NULL) AS at_risk
  FROM tickets t JOIN sla_clocks k ON k.ticket_id = t.id
  WHERE ${IS_ACTIVE} AND k.metric = 'resolution' AND k.state <> 'stopped'
    AND (k.breached_at IS NOT NULL OR k.warned_at IS NOT NULL)`

/** What a fact is about, as columns `agent, priority, category, team`. */
const KIND = sql`t.assigned_to AS agent, t.priority_id AS priority, t.category_id AS category, t.team_id AS team`

/**
 * The ticket of a clock or an event, where it is not deleted. Looked up one by one (OFFSET keeps the planner from joining):
 * the planner takes a span for a tenth of all time, and would read every ticket for the few of a day.
 */
const ticketOf = (id: SQL) => sql`
  CROSS JOIN LATERAL (SELECT * FROM tickets t WHERE t.id = ${id} AND t.deleted_at IS NULL OFFSET 0) t`

/**
 * Tickets that were settled in a span and still are: what they are, and as numbers `settled, met, violated,
 * handle_ms`. Met and violated is about the resolution clock; a ticket without one is neither.
 */
export const settledFacts = (span: Span) => sql`
  SELECT ${KIND}, t.status_id AS status, 1 AS settled, (k.id IS NOT NULL AND k.breached_at IS NULL)::int AS met,
    (k.breached_at IS NOT NULL)::int AS violated,
    round(extract(epoch FROM ${SETTLED_AT} - t.created_at) * 1000)::bigint AS handle_ms
  FROM tickets t LEFT JOIN LATERAL (
    SELECT id, breached_at FROM sla_clocks WHERE ticket_id = t.id AND metric = 'resolution' OFFSET 0
  ) k ON true
  WHERE ${IS_SETTLED} AND ${within(SETTLED_AT, span)}`

/** Resolution clocks that breached in a span. */
export const breachedFacts = (span: Span) => sql`
  SELECT ${KIND} FROM sla_clocks k ${ticketOf(sql`k.ticket_id`)}
  WHERE k.metric = 'resolution' AND k.breached_at IS NOT NULL AND ${within(sql`k.breached_at`, span)}`

/** Resolution clocks that stopped in a span and never breached. */
export const keptFacts = (span: Span) => sql`
  SELECT ${KIND} FROM sla_clocks k ${ticketOf(sql`k.ticket_id`)}
  WHERE k.metric = 'resolution' AND k.breached_at IS NULL AND k.stopped_at IS NOT NULL
    AND ${within(sql`k.stopped_at`, span)}`

/**
 * What moved the number of open tickets in a span, one row each: `at`, and 1 as one of `created, resolved, reopened`.
 * Resolved and reopened are status events across the border of the active classes, so what is resolved twice counts
 * twice, and going from Resolved to Closed is nothing.
 */
export const moveFacts = (span: Span) => sql`
  SELECT t.created_at AS at, 1 AS created, 0 AS resolved, 0 AS reopened
  FROM tickets t WHERE t.deleted_at IS NULL AND ${within(sql`t.created_at`, span)}
  UNION ALL
  SELECT e.created_at, 0, (e.data ->> 'to_class' IN ('resolved', 'closed'))::int,
    (e.data ->> 'to_class' IN ('new', 'open', 'pending'))::int
  FROM ticket_events e ${ticketOf(sql`e.ticket_id`)}
  WHERE e.type = 'status_changed' AND (e.data ->> 'from_class' IN ('new', 'open', 'pending'))
      <> (e.data ->> 'to_class' IN ('new', 'open', 'pending'))
    AND ${within(sql`e.created_at`, span)}`
