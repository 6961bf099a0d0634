import type { ClockState, Row } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'

/** What {@link selectTicketRows} answers besides clocks; instants are the driver's text. */
export interface TicketColumns extends Row {
  id: number
  title: string
  description: string
  status: string
  priority: string
  category: string
  created_by: number
  created_by_name: string
  assigned_to: number | null
  assigned_agent_name: string | null
  team: string | null
  escalation_level: number
  created_at: string
  updated_at: string
  first_response_at: string | null
  resolved_at: string | null
  closed_at: string | null
  version: number
}

/** A ticket with what lists show of its clocks. */
export interface ListedTicket extends TicketColumns {
  response_state: ClockState | null
  response_due_at: string | null
  response_warned_at: string | null
  response_breached_at: string | null
  resolution_state: ClockState | null
  resolution_due_at: string | null
  resolution_warned_at: string | null
  resolution_breached_at: string | null
}

/** A ticket with all of its clocks. */
export interface TicketRow extends TicketColumns {
  clocks: ClockRow[] | null
}

/** What lists show of a clock. */
export interface ClockFacts {
  state: ClockState
  due_at: string | null
  warned_at: string | null
  breached_at: string | null
}

export interface ClockRow extends ClockFacts {
  metric: 'first_response' | 'resolution'
  policy: string
  target_seconds: number
  elapsed_ms: number
  calendar_version_id: number
  running_since: string | null
}

/** How a query reads the clocks of the ticket `t`. */
export interface ClockColumns {
  columns: SQL
  joins: SQL
}

const clockOf = (name: string, metric: string) =>
  sql.raw(`LEFT JOIN sla_clocks ${name} ON ${name}.ticket_id = t.id AND ${name}.metric = '${metric}'`)
const columnsOf = (name: string) =>
  sql.raw(
    ['state', 'due_at', 'warned_at', 'breached_at']
      .map((each) => `${name}.${each} AS ${name}_${each}`)
      .join(', '),
  )

/** As columns: to make JSON of the clocks of a page and to read it takes three times as long as all the rest. */
export const LISTED_CLOCKS: ClockColumns = {
  columns: sql`${columnsOf('response')}, ${columnsOf('resolution')}`,
  joins: sql`${clockOf('response', 'first_response')} ${clockOf('resolution', 'resolution')}`,
}

export const ALL_OF_CLOCKS: ClockColumns = {
  columns: sql`(SELECT json_agg(json_build_object('metric', k.metric, 'state', k.state, 'policy', kp.name,
      'target_seconds', k.target_seconds, 'elapsed_ms', k.elapsed_ms,
      'calendar_version_id', k.calendar_version_id, 'running_since', k.running_since,
      'due_at', k.due_at, 'warned_at', k.warned_at, 'breached_at', k.breached_at))
    FROM sla_clocks k JOIN sla_policies kp ON kp.id = k.policy_id WHERE k.ticket_id = t.id) AS clocks`,
  joins: sql``,
}

/** Wraps a query for rows of `tickets` into one for what the API shows of them, in the order given. */
export function selectTicketRows(pageOfTickets: SQL, orderBy: SQL, clocks: ClockColumns): SQL {
  return sql`
    SELECT t.id, t.title, t.description, s.name AS status, p.name AS priority, c.name AS category,
      t.created_by, cu.name AS created_by_name, t.assigned_to, au.name AS assigned_agent_name,
      tm.name AS team, t.escalation_level, t.created_at, t.updated_at, t.first_response_at,
      t.resolved_at, t.closed_at, t.version, t.sort_key, ${clocks.columns}
    FROM (${pageOfTickets}) t
    JOIN statuses s ON s.id = t.status_id
    JOIN priorities p ON p.id = t.priority_id
    JOIN categories c ON c.id = t.category_id
    JOIN users cu ON cu.id = t.created_by
    LEFT JOIN users au ON au.id = t.assigned_to
    LEFT JOIN teams tm ON tm.id = t.team_id
    ${clocks.joins}
    ORDER BY ${orderBy}`
}
