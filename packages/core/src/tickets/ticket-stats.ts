import { defineStatement, type Executor, type Row } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
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
const many = (condition: SQL) => sql`(count(*) FILTER (WHERE ${condition}))::int`

/** The five by status add up to the total: a status counts by its class, In Progress apart from the others of its own. */
const select = (visible: SQL) => sql`
  SELECT count(*)::int AS total,
    ${many(sql`t.status_class = 'new' OR (t.status_class = 'open' AND s.slug <> 'in_progress')`)} AS open,
    ${many(sql`t.status_class = 'open' AND s.slug = 'in_progress'`)} AS in_progress,
    ${many(sql`t.status_class = 'pending'`)} AS pending,
    ${many(sql`t.status_class = 'resolved'`)} AS resolved,
    ${many(sql`t.status_class = 'closed'`)} AS closed,
    ${many(sql`pr.slug = 'critical'`)} AS critical_priority,
    ${many(sql`pr.slug = 'high'`)} AS high_priority,
    ${many(sql`pr.slug = 'medium'`)} AS medium_priority,
    ${many(sql`pr.slug = 'low'`)} AS low_priority,
    ${many(sql`t.assigned_to IS NULL AND t.status_class IN ('new', 'open', 'pending')`)} AS unassigned,
    ${many(sql`k.breached_at IS NOT NULL`)} AS sla_violated
  FROM tickets t
  JOIN statuses s ON s.id = t.status_id
  JOIN priorities pr ON pr.id = t.priority_id
  LEFT JOIN sla_clocks k ON k.ticket_id = t.id AND k.metric = 'resolution'
  WHERE t.deleted_at IS NULL AND ${visible}`

const ofAll = defineStatement<Record<string, never>, TicketStats>('ticket_stats', select(sql`true`))
// A union of two indexes, where an OR would read every ticket of the desk.
const ofViewer = defineStatement<{ viewer: number }, TicketStats>(
  'ticket_stats_of_viewer',
  select(sql`t.id IN (
    SELECT id FROM tickets WHERE created_by = ${p('viewer')}::bigint
    UNION SELECT ticket_id FROM ticket_watchers WHERE user_id = ${p('viewer')}::bigint)`),
)

/** Counts the tickets that are not deleted: for staff all, for requesters those they created or watch. */
export async function ticketStats(db: Executor, actor: Actor): Promise<TicketStats> {
  const [row] = isStaff(actor.role) ? await ofAll.run(db, {}) : await ofViewer.run(db, { viewer: actor.id })
  if (row === undefined) throw new Error('An aggregate answered no row')
  return row
}
