import { type ClockState, toDate, toIso } from '@servicedesk/db'
import type { TimeOf } from '../calendars/business-times.ts'
import { ticketRef } from './ticket-id.ts'
import type { ClockFacts, ClockRow, ListedTicket, TicketColumns, TicketRow } from './ticket-rows.ts'

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

const iso = (text: string | null) => (text === null ? null : toIso(text))

/** `breached` wins over `paused` and `met`; at risk is warned and not breached (contract.md). */
function clockView(row: ClockFacts): ClockView {
  const state = { running: 'running', paused: 'paused', stopped: 'met' } as const
  return {
    state: row.breached_at === null ? state[row.state] : 'breached',
    due_at: iso(row.due_at),
    at_risk: row.warned_at !== null && row.breached_at === null && row.state !== 'stopped',
  }
}

/** Adds what only a single ticket shows; elapsed and remaining are business seconds at `now`. */
function clockDetail(row: ClockRow, now: Date, timeOf: TimeOf): ClockDetail {
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

/** A ticket as a list shows it. */
export function listedTicket(row: ListedTicket): TicketView {
  return ticketView(row, {
    first_response: listedClock(
      row.response_state,
      row.response_due_at,
      row.response_warned_at,
      row.response_breached_at,
    ),
    resolution: listedClock(
      row.resolution_state,
      row.resolution_due_at,
      row.resolution_warned_at,
      row.resolution_breached_at,
    ),
    sla_violated: row.resolution_breached_at !== null,
  })
}

function listedClock(
  state: ClockState | null,
  due_at: string | null,
  warned_at: string | null,
  breached_at: string | null,
): ClockView | null {
  return state === null ? null : clockView({ state, due_at, warned_at, breached_at })
}

/** A ticket as it is shown by itself, at `now`. */
export function shownTicket(row: TicketRow, now: Date, timeOf: TimeOf): TicketView<ClockDetail> {
  const find = (metric: ClockRow['metric']) => row.clocks?.find((each) => each.metric === metric)
  const [first, resolution] = [find('first_response'), find('resolution')]
  return ticketView(row, {
    first_response: first === undefined ? null : clockDetail(first, now, timeOf),
    resolution: resolution === undefined ? null : clockDetail(resolution, now, timeOf),
    sla_violated: resolution !== undefined && resolution.breached_at !== null,
  })
}

function ticketView<C extends ClockView>(
  row: TicketColumns,
  { sla_violated, ...sla }: TicketView<C>['sla'] & { sla_violated: boolean },
): TicketView<C> {
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
    created_at: toIso(row.created_at),
    updated_at: toIso(row.updated_at),
    first_response_at: iso(row.first_response_at),
    resolved_at: iso(row.resolved_at),
    closed_at: iso(row.closed_at),
    sla_violated,
    sla,
    version: row.version,
  }
}
