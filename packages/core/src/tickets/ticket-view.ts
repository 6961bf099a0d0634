import type { ClockState } from '@servicedesk/db'
import { type Row, toDate } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import type { TimeOf } from '../calendars/business-times.ts'
import { ticketRef } from './ticket-id.ts'

/** A clock as a list shows it. */
export interface ClockView {
  state: 'running' | 'paused' | 'met' | 'breached'
  due_at: string | null
  at_risk: boolean
}

/** A clock as a single ticket shows it. */
export interface ClockDetail extends ClockView {
  policy: string
  target_minutes: number
  elapsed_seconds: number
  remaining_seconds: number
  breached_at: string | null
}

/** A ticket as the API shows it. */
export interface TicketView<C extends ClockView = ClockView> {
  id: number
  ticket_id: string
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
  sla_violated: boolean
  sla: { first_response: C | null; resolution: C | null }
  version: number
}

/** What {@link selectTicketRows} answers; instants are the driver's text. */
export interface TicketRow extends Row {
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
  clocks: ClockRow[] | null
}

export interface ClockRow {
  metric: 'first_response' | 'resolution'
  state: ClockState
  policy: string
  target_seconds: number
  elapsed_ms: number
  calendar_version_id: number
  running_since: string | null
  due_at: string | null
  warned_at: string | null
  breached_at: string | null
}

/** Wraps a query for rows of `tickets` into one for what the API shows of them, in the order given. */
export function selectTicketRows(pageOfTickets: SQL, orderBy: SQL): SQL {
  return sql`
    SELECT t.id, t.title, t.description, s.name AS status, p.name AS priority, c.name AS category,
      t.created_by, cu.name AS created_by_name, t.assigned_to, au.name AS assigned_agent_name,
      tm.name AS team, t.escalation_level, t.created_at, t.updated_at, t.first_response_at,
      t.resolved_at, t.closed_at, t.version, t.sort_key,
      (SELECT json_agg(json_build_object('metric', k.metric, 'state', k.state, 'policy', kp.name,
          'target_seconds', k.target_seconds, 'elapsed_ms', k.elapsed_ms,
          'calendar_version_id', k.calendar_version_id, 'running_since', k.running_since,
          'due_at', k.due_at, 'warned_at', k.warned_at, 'breached_at', k.breached_at))
        FROM sla_clocks k JOIN sla_policies kp ON kp.id = k.policy_id WHERE k.ticket_id = t.id) AS clocks
    FROM (${pageOfTickets}) t
    JOIN statuses s ON s.id = t.status_id
    JOIN priorities p ON p.id = t.priority_id
    JOIN categories c ON c.id = t.category_id
    JOIN users cu ON cu.id = t.created_by
    LEFT JOIN users au ON au.id = t.assigned_to
    LEFT JOIN teams tm ON tm.id = t.team_id
    ORDER BY ${orderBy}`
}

const iso = (text: string | null) => toDate(text)?.toISOString() ?? null

/** `breached` wins over `paused` and `met`; at risk is warned and not breached (contract.md). */
export function clockView(row: ClockRow): ClockView {
  const state = { running: 'running', paused: 'paused', stopped: 'met' } as const
  return {
    state: row.breached_at === null ? state[row.state] : 'breached',
    due_at: iso(row.due_at),
    at_risk: row.warned_at !== null && row.breached_at === null && row.state !== 'stopped',
  }
}

/** Adds what only a single ticket shows; elapsed and remaining are business seconds at `now`. */
export function clockDetail(row: ClockRow, now: Date, timeOf: TimeOf): ClockDetail {
  const since = toDate(row.running_since)
  const runningMs = since === null ? 0 : timeOf(row.calendar_version_id).between(since, now)
  const elapsed = Math.floor((row.elapsed_ms + runningMs) / 1_000)
  return {
    ...clockView(row),
    policy: row.policy,
    target_minutes: row.target_seconds / 60,
    elapsed_seconds: elapsed,
    remaining_seconds: Math.max(0, row.target_seconds - elapsed),
    breached_at: iso(row.breached_at),
  }
}

/** Shapes a row for the API; `clock` decides how much of a clock is shown. */
export function ticketView<C extends ClockView>(row: TicketRow, clock: (row: ClockRow) => C): TicketView<C> {
  const find = (metric: string) => row.clocks?.find((each) => each.metric === metric)
  const [first, resolution] = [find('first_response'), find('resolution')]
  return {
    id: row.id,
    ticket_id: ticketRef(row.id),
    title: row.title,
    description: row.description,
    status: row.status,
    priority: row.priority,
    category: row.category,
    created_by: row.created_by,
    created_by_name: row.created_by_name,
    assigned_to: row.assigned_to,
    assigned_agent_name: row.assigned_agent_name,
    team: row.team,
    escalation_level: row.escalation_level,
    created_at: toDate(row.created_at).toISOString(),
    updated_at: toDate(row.updated_at).toISOString(),
    first_response_at: iso(row.first_response_at),
    resolved_at: iso(row.resolved_at),
    closed_at: iso(row.closed_at),
    sla_violated: resolution !== undefined && resolution.breached_at !== null,
    sla: {
      first_response: first === undefined ? null : clock(first),
      resolution: resolution === undefined ? null : clock(resolution),
    },
    version: row.version,
  }
}
