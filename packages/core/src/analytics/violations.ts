import { defineStatement, type Executor, type Metric, toDate } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { businessTimes } from '../calendars/business-times.ts'
import type { Configuration } from '../config/configuration.ts'
import { ticketRef } from '../tickets/ticket-id.ts'
import { hours } from './numbers.ts'

/** A clock that breached, with its ticket. */
export interface SlaViolation {
  /** The ticket's. */
  id: number
  ticket_id: string
  title: string
  priority: string
  category: string
  status: string
  created_by: number
  assigned_to: number | null
  created_at: string
  metric: Metric
  /** When it was due; where a pause has taken that back, when it breached. */
  due_at: string
  breached_at: string
  /** Business hours from `due_at` until the clock stopped or paused, or until now. */
  hours_overdue: number
}

interface ViolationRow extends Record<string, unknown> {
  id: number
  title: string
  priority: string
  category: string
  status: string
  created_by: number
  assigned_to: number | null
  created_at: string
  metric: Metric
  due_at: string
  breached_at: string
  /** Null for a clock that runs. */
  until: string | null
  calendar_version_id: number
}

const violationsStatement = defineStatement<{ limit: number }, ViolationRow>(
  'sla_violations',
  sql`
  SELECT t.id, t.title, p.name AS priority, c.name AS category, s.name AS status, t.created_by, t.assigned_to,
    t.created_at, k.metric, coalesce(k.due_at, k.breached_at) AS due_at, k.breached_at,
    coalesce(k.stopped_at, k.paused_at) AS until, k.calendar_version_id
  FROM (
    SELECT k.* FROM sla_clocks k JOIN tickets t ON t.id = k.ticket_id
    WHERE k.breached_at IS NOT NULL AND t.deleted_at IS NULL
    ORDER BY k.breached_at DESC, k.id DESC LIMIT ${sql.placeholder('limit')}::int
  ) k
  JOIN tickets t ON t.id = k.ticket_id
  JOIN priorities p ON p.id = t.priority_id
  JOIN categories c ON c.id = t.category_id
  JOIN statuses s ON s.id = t.status_id
  ORDER BY k.breached_at DESC, k.id DESC`,
)

/** The newest breaches of both clocks. */
export async function slaViolations(
  db: Executor,
  configuration: Configuration,
  limit: number,
  now: Date,
): Promise<SlaViolation[]> {
  const rows = await violationsStatement.run(db, { limit })
  const timeOf = await businessTimes(
    db,
    configuration,
    rows.map((row) => row.calendar_version_id),
  )
  return rows.map(({ until, calendar_version_id, ...row }) => {
    const due = toDate(row.due_at)
    return {
      id: row.id,
      ticket_id: ticketRef(row.id),
      title: row.title,
      priority: row.priority,
      category: row.category,
      status: row.status,
      created_by: row.created_by,
      assigned_to: row.assigned_to,
      created_at: toDate(row.created_at).toISOString(),
      metric: row.metric,
      due_at: due.toISOString(),
      breached_at: toDate(row.breached_at).toISOString(),
      hours_overdue: hours(timeOf(calendar_version_id).between(due, toDate(until) ?? now)),
    }
  })
}
