import { defineStatement, type Executor, type Row } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { ALWAYS } from '../analytics/days.ts'
import { IS_ACTIVE, OPEN_ALARMS } from '../analytics/facts.ts'
import { dividedSettled, settledBy } from '../analytics/settled.ts'
import { isStaff } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'

/** Numbers of tickets: of all, by where they stand, by priority, and those that want looking at. */
export interface TicketStats extends Row {
  total: number
  /** New and Open: whatever is open but In Progress. */
  open: number
  in_progress: number
  pending: number
  resolved: number
  closed: number
  critical_priority: number
  high_priority: number
  medium_priority: number
  low_priority: number
  /** Active, and with no agent. */
  unassigned: number
  /** Whose promise of a resolution was broken. */
  sla_violated: number
}

const p = sql.placeholder

/** The five by status add up to the total: a status counts by its class, In Progress apart from the others of its own. */
const BY_STATUS = {
  total: sql`true`,
  open: sql`s.class = 'new' OR (s.class = 'open' AND s.slug <> 'in_progress')`,
  in_progress: sql`s.class = 'open' AND s.slug = 'in_progress'`,
  pending: sql`s.class = 'pending'`,
  resolved: sql`s.class = 'resolved'`,
  closed: sql`s.class = 'closed'`,
}
const BY_PRIORITY = {
  critical_priority: sql`pr.slug = 'critical'`,
  high_priority: sql`pr.slug = 'high'`,
  medium_priority: sql`pr.slug = 'medium'`,
  low_priority: sql`pr.slug = 'low'`,
}

/** A column for each name: what `count` makes of its condition. */
const columns = (conditions: Record<string, SQL>, count: SQL) =>
  sql.join(
    Object.entries(conditions).map(
      ([name, condition]) =>
        sql`coalesce(${count} FILTER (WHERE ${condition}), 0)::int AS ${sql.identifier(name)}`,
    ),
    sql`, `,
  )

// What is settled comes from the rollup, what is open from indexes of its own.
const ofAll = defineStatement<Record<string, never>, TicketStats>(
  'ticket_stats',
  sql`
  WITH ${dividedSettled(ALWAYS)}, open AS MATERIALIZED (
    SELECT t.status_id, t.priority_id, count(*) AS many, count(*) FILTER (WHERE t.assigned_to IS NULL) AS unassigned
    FROM tickets t WHERE ${IS_ACTIVE} GROUP BY 1, 2
  ), by_status AS (
    SELECT key_id AS id, settled AS many, violated FROM (${settledBy('status')}) x
    UNION ALL SELECT status_id, many, 0 FROM open
  ), by_priority AS (
    SELECT key_id AS id, settled AS many FROM (${settledBy('priority')}) x
    UNION ALL SELECT priority_id, many FROM open
  ), statuses_counted AS (
    SELECT ${columns(BY_STATUS, sql`sum(b.many)`)}, coalesce(sum(b.violated), 0) AS settled_violated
    FROM by_status b JOIN statuses s ON s.id = b.id
  ), priorities_counted AS (
    SELECT ${columns(BY_PRIORITY, sql`sum(b.many)`)} FROM by_priority b JOIN priorities pr ON pr.id = b.id
  )
  SELECT total, open, in_progress, pending, resolved, closed,
    critical_priority, high_priority, medium_priority, low_priority,
    (SELECT coalesce(sum(unassigned), 0)::int FROM open) AS unassigned,
    (settled_violated + (SELECT violated FROM (${OPEN_ALARMS}) alarms))::int AS sla_violated
  FROM statuses_counted, priorities_counted`,
)

// A union of two indexes, where an OR would read every ticket of the desk.
const ofViewer = defineStatement<{ viewer: number }, TicketStats>(
  'ticket_stats_of_viewer',
  sql`
  SELECT ${columns(BY_STATUS, sql`count(*)`)}, ${columns(BY_PRIORITY, sql`count(*)`)},
    (count(*) FILTER (WHERE ${IS_ACTIVE} AND t.assigned_to IS NULL))::int AS unassigned,
    (count(*) FILTER (WHERE k.breached_at IS NOT NULL))::int AS sla_violated
  FROM tickets t
  JOIN statuses s ON s.id = t.status_id
  JOIN priorities pr ON pr.id = t.priority_id
  LEFT JOIN sla_clocks k ON k.ticket_id = t.id AND k.metric = 'resolution'
  WHERE t.deleted_at IS NULL AND t.id IN (
    SELECT id FROM tickets WHERE created_by = ${p('viewer')}::bigint
    UNION SELECT ticket_id FROM ticket_watchers WHERE user_id = ${p('viewer')}::bigint)`,
)

/** Counts the tickets that are not deleted: for staff all, for requesters those they created or watch. */
export async function ticketStats(db: Executor, actor: Actor): Promise<TicketStats> {
  const [row] = isStaff(actor.role) ? await ofAll.run(db, {}) : await ofViewer.run(db, { viewer: actor.id })
  if (row === undefined) throw new Error('An aggregate answered no row')
  return row
}
