import { type SQL, sql } from 'drizzle-orm'
import { defused } from './defused.ts'

/** Names, each made fit once and not once a ticket: the OFFSET keeps the planner from pulling it up. */
const names = (table: SQL) => sql`(SELECT id, ${defused(sql`name`)} AS name FROM ${table} OFFSET 0)`

/** What a column shows; instants come as PostgreSQL writes them. */
interface Column {
  name: string
  expression: SQL
  isInstant?: true
}

/** The first seven are what clients rely on. */
const COLUMNS: readonly Column[] = [
  { name: 'ID', expression: sql`t.id` },
  { name: 'Title', expression: defused(sql`t.title`) },
  { name: 'Status', expression: sql`s.name` },
  { name: 'Priority', expression: sql`p.name` },
  { name: 'Category', expression: sql`c.name` },
  { name: 'Created', expression: sql`t.created_at`, isInstant: true },
  { name: 'Assigned', expression: sql`a.name` },
  { name: 'Ticket', expression: sql`'TKT-' || t.id` },
  { name: 'Team', expression: sql`tm.name` },
  { name: 'Requester', expression: sql`r.name` },
  { name: 'Updated', expression: sql`t.updated_at`, isInstant: true },
  { name: 'First Response', expression: sql`t.first_response_at`, isInstant: true },
  { name: 'Resolved', expression: sql`t.resolved_at`, isInstant: true },
  { name: 'Closed', expression: sql`t.closed_at`, isInstant: true },
  { name: 'Due', expression: sql`d.due_at`, isInstant: true },
  {
    name: 'SLA',
    expression: sql`CASE WHEN d.breached_at IS NOT NULL THEN 'breached' WHEN d.state = 'stopped' THEN 'met' ELSE d.state END`,
  },
  { name: 'Escalation', expression: sql`t.escalation_level` },
]

/** Which columns of {@link exportedTickets} are instants, from 0. */
export const INSTANT_COLUMNS: ReadonlySet<number> = new Set(
  COLUMNS.flatMap(({ isInstant }, n) => (isInstant ? [n] : [])),
)

/**
 * The rows of an export, newest ticket first, with the columns' names.
 * @param matching `FROM tickets t … WHERE …`
 */
export function exportedTickets(matching: SQL): SQL {
  const columns = COLUMNS.map(({ name, expression }) => sql`${expression} AS ${sql.identifier(name)}`)
  return sql`SELECT ${sql.join(columns, sql`, `)}
    FROM (SELECT t.* ${matching}) t
    JOIN ${names(sql`statuses`)} s ON s.id = t.status_id
    JOIN ${names(sql`priorities`)} p ON p.id = t.priority_id
    JOIN ${names(sql`categories`)} c ON c.id = t.category_id
    JOIN ${names(sql`users`)} r ON r.id = t.created_by
    LEFT JOIN ${names(sql`users`)} a ON a.id = t.assigned_to
    LEFT JOIN ${names(sql`teams`)} tm ON tm.id = t.team_id
    LEFT JOIN sla_clocks d ON d.ticket_id = t.id AND d.metric = 'resolution'
    ORDER BY t.id DESC`
}
