import type { Database } from '@servicedesk/db'
import { sql } from 'drizzle-orm'

export interface OracleTicket extends Record<string, unknown> {
  id: number
  title: string
  class: 'new' | 'open' | 'pending' | 'resolved' | 'closed'
  status: string
  statusSlug: string
  priority: string
  category: string
  createdBy: number
  assignedTo: number | null
  isDeleted: boolean
  createdAt: number
  settledAt: number | null
  moves: { at: number; to: 'active' | 'settled' }[]
  resolution: OracleClock | undefined
}

export interface OracleClock extends Record<string, unknown> {
  id: number
  ticketId: number
  metric: string
  state: string
  dueAt: number | null
  pausedAt: number | null
  warnedAt: number | null
  breachedAt: number | null
  stoppedAt: number | null
}

export interface OraclePerson extends Record<string, unknown> {
  id: number
  name: string
  email: string
  role: string
  isActive: boolean
  max: number
}

/** Everything that figures are about, as it is; instants in milliseconds. */
export interface Rows {
  tickets: OracleTicket[]
  clocks: OracleClock[]
  people: OraclePerson[]
  priorities: string[]
}

const ms = (column: string) => sql.raw(`(extract(epoch FROM ${column}) * 1000)::float8`)
const ACTIVE = new Set(['new', 'open', 'pending'])

/** Reads whole tables: slow, and nothing to get wrong. */
export async function readRows(db: Database): Promise<Rows> {
  const clocks = await db.execute<OracleClock>(sql`
    SELECT id, ticket_id AS "ticketId", metric, state, ${ms('due_at')} AS "dueAt", ${ms('paused_at')} AS "pausedAt",
      ${ms('warned_at')} AS "warnedAt", ${ms('breached_at')} AS "breachedAt", ${ms('stopped_at')} AS "stoppedAt"
    FROM sla_clocks ORDER BY id`)
  const events = await db.execute<{ id: number; at: number; from: string; to: string }>(sql`
    SELECT ticket_id AS id, ${ms('created_at')} AS at, data ->> 'from_class' AS from, data ->> 'to_class' AS to
    FROM ticket_events WHERE type = 'status_changed' ORDER BY ticket_id, seq`)
  const tickets = await db.execute<OracleTicket & { resolvedAt: number | null; closedAt: number | null }>(sql`
    SELECT t.id, t.title, s.class, s.name AS status, s.slug AS "statusSlug", p.name AS priority, c.name AS category,
      t.created_by AS "createdBy", t.assigned_to AS "assignedTo", t.deleted_at IS NOT NULL AS "isDeleted",
      ${ms('t.created_at')} AS "createdAt", ${ms('t.resolved_at')} AS "resolvedAt", ${ms('t.closed_at')} AS "closedAt"
    FROM tickets t, statuses s, priorities p, categories c
    WHERE s.id = t.status_id AND p.id = t.priority_id AND c.id = t.category_id ORDER BY t.id`)
  const people = await db.execute<OraclePerson>(sql`
    SELECT u.id, u.name, u.email, u.role, u.is_active AS "isActive", a.max_tickets AS max
    FROM users u JOIN agents a ON a.user_id = u.id ORDER BY u.id`)
  const priorities = await db.execute<{ name: string }>(sql`SELECT name FROM priorities ORDER BY rank`)
  return {
    clocks,
    people,
    priorities: priorities.map((row) => row.name),
    tickets: tickets.map((ticket) => ({
      ...ticket,
      settledAt: ACTIVE.has(ticket.class) ? null : (ticket.resolvedAt ?? ticket.closedAt ?? ticket.createdAt),
      resolution: clocks.find((clock) => clock.ticketId === ticket.id && clock.metric === 'resolution'),
      moves: events
        .filter((event) => event.id === ticket.id && ACTIVE.has(event.from) !== ACTIVE.has(event.to))
        .map((event) => ({ at: event.at, to: ACTIVE.has(event.to) ? 'active' : 'settled' })),
    })),
  }
}
