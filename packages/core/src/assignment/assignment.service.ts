import type { Database } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { isStaff } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { assertThat, forbidden, notFound } from '../shared/errors.ts'
import type { TicketService } from '../tickets/tickets.service.ts'

/** Who has a ticket and why; what a waiting one waits for. */
export interface AssignmentView {
  ticket_id: string
  assigned_to: number | null
  assigned_agent_name: string | null
  since: string | null
  strategy: string | null
  score: number | null
  parts: Record<string, number | string | null>
  reason: string | null
  assigned_by: number | null
  waiting_reason: string | null
}

/** Reads assignments; the engine that makes them is {@link assignWaiting}. */
export function createAssignmentService(deps: { db: Database; tickets: Pick<TicketService, 'get'> }) {
  return {
    /** @throws DomainError 403 for requesters, 404 */
    async explain(actor: Actor, ticketId: number): Promise<AssignmentView> {
      assertThat(isStaff(actor.role), forbidden('Only staff see how a ticket was assigned'))
      const ticket = await deps.tickets.get(actor, ticketId)
      const [row] = await deps.db.execute<{
        assigned_at: string | null
        strategy: string | null
        score: number | null
        parts: Record<string, number | string | null> | null
        reason: string | null
        assigned_by: number | null
        waiting_reason: string | null
      }>(sql`
        SELECT a.assigned_at, a.strategy, a.score, a.parts, a.reason, a.assigned_by, t.waiting_reason
        FROM tickets t LEFT JOIN assignments a ON a.ticket_id = t.id AND a.ended_at IS NULL
        WHERE t.id = ${ticketId}`)
      if (row === undefined) throw notFound('Ticket')
      return {
        ticket_id: ticket.ticket_id,
        assigned_to: ticket.assigned_to,
        assigned_agent_name: ticket.assigned_agent_name,
        since: row.assigned_at === null ? null : new Date(row.assigned_at).toISOString(),
        strategy: row.strategy,
        score: row.score,
        parts: row.parts ?? {},
        reason: row.reason,
        assigned_by: row.assigned_by,
        waiting_reason: row.waiting_reason,
      }
    },
  }
}

export type AssignmentService = ReturnType<typeof createAssignmentService>
