import { defineStatement, type Executor, toDate } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { ticketRef } from '../tickets/ticket-id.ts'
import { hoursBetween } from './ageing.ts'
import { IS_ACTIVE } from './facts.ts'

/** A ticket that nobody has. */
export interface UnassignedTicket {
  /** `TKT-1001`, and so is `ticket_id`. */
  id: string
  ticket_id: string
  title: string
  priority: string
  category: string
  status: string
  created_at: string
  /** Real hours since it was created. */
  hours_open: number
}

interface UnassignedRow extends Record<string, unknown> {
  id: number
  title: string
  priority: string
  category: string
  status: string
  created_at: string
}

const unassignedStatement = defineStatement<{ limit: number }, UnassignedRow>(
  'unassigned_tickets',
  sql`
  SELECT t.id, t.title, p.name AS priority, c.name AS category, s.name AS status, t.created_at
  FROM (
    SELECT * FROM tickets t WHERE ${IS_ACTIVE} AND t.assigned_to IS NULL
    ORDER BY t.created_at, t.id LIMIT ${sql.placeholder('limit')}::int
  ) t
  JOIN priorities p ON p.id = t.priority_id
  JOIN categories c ON c.id = t.category_id
  JOIN statuses s ON s.id = t.status_id
  ORDER BY t.created_at, t.id`,
)

/** The oldest open tickets that nobody has. */
export async function unassignedTickets(db: Executor, limit: number, now: Date): Promise<UnassignedTicket[]> {
  const rows = await unassignedStatement.run(db, { limit })
  return rows.map(({ id, created_at, ...row }) => {
    const createdAt = toDate(created_at).toISOString()
    return {
      id: ticketRef(id),
      ticket_id: ticketRef(id),
      ...row,
      created_at: createdAt,
      hours_open: hoursBetween(createdAt, now),
    }
  })
}
