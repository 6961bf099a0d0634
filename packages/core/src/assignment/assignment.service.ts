import type { StatusClass } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { ConfigurationCache } from '../config/configuration.ts'
import { isStaff } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { assertThat, forbidden, notFound } from '../shared/errors.ts'
import type { ServiceDeps } from '../shared/transact.ts'
import type { TicketDetail, TicketService } from '../tickets/tickets.service.ts'
import { isActive } from '../workflow/workflow.ts'
import { type Assignee, type AssignOptions, assignTicket } from './assign-ticket.ts'
import { type Recommendation, recommend } from './recommend.ts'

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
  /** By score; empty for a ticket that is done. */
  recommendations: Recommendation[]
}

/** What came of an assignment. */
export interface Assigned {
  message: string
  ticket: TicketDetail
  previous_assignee: number | null
}

interface AssignmentRow extends Record<string, unknown> {
  assigned_at: string | null
  strategy: string | null
  score: number | null
  parts: Record<string, number | string | null> | null
  reason: string | null
  assigned_by: number | null
  waiting_reason: string | null
  team_id: number | null
  category_id: number
  status_class: StatusClass
  is_deleted: boolean
}

/** Assigns by hand and says why a ticket is whose it is; the engine is {@link assignWaiting}. */
export function createAssignmentService(
  deps: ServiceDeps & { configuration: ConfigurationCache; tickets: Pick<TicketService, 'get'> },
) {
  const { db, clock, tickets } = deps
  return {
    /** @throws DomainError 403 for requesters, 404 */
    async explain(actor: Actor, ticketId: number): Promise<AssignmentView> {
      assertThat(isStaff(actor.role), forbidden('Only staff see how a ticket was assigned'))
      const ticket = await tickets.get(actor, ticketId)
      const [row] = await db.execute<AssignmentRow>(sql`
        SELECT a.assigned_at, a.strategy, a.score, a.parts, a.reason, a.assigned_by, t.waiting_reason,
          t.team_id, t.category_id, t.status_class, t.deleted_at IS NOT NULL AS is_deleted
        FROM tickets t LEFT JOIN assignments a ON a.ticket_id = t.id AND a.ended_at IS NULL
        WHERE t.id = ${ticketId}`)
      if (row === undefined) throw notFound('Ticket')
      const sought = { teamId: row.team_id, categoryId: row.category_id, assignedTo: ticket.assigned_to }
      const isAssignable = isActive(row.status_class) && !row.is_deleted
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
        recommendations: isAssignable
          ? await recommend(db, await deps.configuration.get(), sought, clock.now())
          : [],
      }
    },

    /** See {@link assignTicket}. */
    async assign(
      actor: Actor,
      ticketId: number,
      assignee: Assignee,
      options: AssignOptions = {},
    ): Promise<Assigned> {
      const previous = await assignTicket(deps, actor, ticketId, assignee, options)
      const ticket = await tickets.get(actor, ticketId)
      const { ticket_id, assigned_agent_name } = ticket
      const message =
        assigned_agent_name === null
          ? `${ticket_id} waits for an agent`
          : `${ticket_id} is assigned to ${assigned_agent_name}`
      return { message, ticket, previous_assignee: previous }
    },
  }
}

export type AssignmentService = ReturnType<typeof createAssignmentService>
