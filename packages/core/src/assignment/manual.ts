import type { Tx } from '@servicedesk/db'
import { emit } from '@servicedesk/jobs/emit'
import { sql } from 'drizzle-orm'
import { notify } from '../alerts/notify.ts'
import type { Actor } from '../shared/actor.ts'
import { conflict, invalid } from '../shared/errors.ts'
import { appendEvents } from '../tickets/events.ts'
import { ticketRef } from '../tickets/ticket-id.ts'

/** What giving and taking needs to know of the ticket, whose row the caller has locked. */
export interface AssignableTicket {
  id: number
  title: string
  priority: string
  assignedTo: number | null
  /** Of class new, open or pending: only then does it count against a cap. */
  isActive: boolean
}

/**
 * Takes the ticket from its agent and frees the capacity. The ticket row itself is the caller's to change.
 */
export async function releaseAgent(tx: Tx, ticket: AssignableTicket, now: Date): Promise<void> {
  if (ticket.assignedTo === null) return
  await tx.execute(sql`UPDATE assignments SET ended_at = ${now.toISOString()}::timestamptz
    WHERE ticket_id = ${ticket.id} AND ended_at IS NULL`)
  if (!ticket.isActive) return
  await tx.execute(
    sql`UPDATE agents SET active_tickets = active_tickets - 1 WHERE user_id = ${ticket.assignedTo}`,
  )
  await emit(tx, 'assignment.drain', {})
}

/**
 * Gives the ticket to a named agent: under the assignment lock, guarded by the cap unless forced.
 * @throws DomainError 400 when the user is no agent, 409 over capacity
 */
export async function giveTo(
  tx: Tx,
  ticket: AssignableTicket,
  agentId: number,
  by: { actor: Actor; force: boolean },
  now: Date,
): Promise<string> {
  const [agent] = await tx.execute<{ name: string; active: number; max: number }>(sql`
    SELECT u.name, a.active_tickets AS active, a.max_tickets AS max
    FROM agents a JOIN users u ON u.id = a.user_id
    WHERE a.user_id = ${agentId} AND u.is_active AND u.role IN ('Technical User', 'Technical Supervisor')
    FOR UPDATE OF a`)
  if (agent === undefined) throw invalid('assigned_to', 'is not an active agent')
  if (ticket.isActive) {
    if (agent.active >= agent.max && !by.force) {
      throw conflict(
        'agent_over_capacity',
        `${agent.name} has ${agent.active} of at most ${agent.max} active tickets`,
      )
    }
    await tx.execute(sql`UPDATE agents SET active_tickets = active_tickets + 1,
      last_assigned_at = ${now.toISOString()}::timestamptz WHERE user_id = ${agentId}`)
  }
  const reason = `${by.actor.name} chose ${agent.name}${by.force ? ', capacity notwithstanding' : ''}`
  const parts = JSON.stringify({ active_tickets: agent.active, max_tickets: agent.max })
  await tx.execute(sql`
    INSERT INTO assignments (ticket_id, agent_id, assigned_by, strategy, parts, reason, assigned_at)
    VALUES (${ticket.id}, ${agentId}, ${by.actor.id}, 'manual', ${parts}::jsonb, ${reason}, ${now.toISOString()}::timestamptz)`)
  const [eventSeq] = await appendEvents(tx, [
    {
      ticketId: ticket.id,
      type: 'assigned',
      actorId: by.actor.id,
      at: now,
      data: { to: agentId, to_name: agent.name },
    },
  ])
  if (agentId !== by.actor.id) {
    await notify(tx, [
      {
        userId: agentId,
        type: 'assignment',
        ticketId: ticket.id,
        at: now,
        eventSeq,
        title: `${ticketRef(ticket.id)} is assigned to you`,
        message: ticket.title,
        mail: {
          template: 'assignment',
          params: { title: ticket.title, priority: ticket.priority, actor: by.actor.name },
        },
      },
    ])
  }
  return agent.name
}
