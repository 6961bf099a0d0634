import { type StatusClass, type Tx, toDate } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { type Notification, notify } from '../alerts/notify.ts'
import type { Actor } from '../shared/actor.ts'
import { conflict, invalid } from '../shared/errors.ts'
import type { ChangeContext } from '../tickets/change-context.ts'
import { appendEvents } from '../tickets/events.ts'
import { ticketRef } from '../tickets/ticket-id.ts'
import { isAway } from './candidates.ts'
import { holdCountingOf, loadChange, moveLoad } from './load.ts'
import { endAssignments } from './return-to-pool.ts'

/** What giving and taking needs to know of the ticket, whose row the caller has locked. */
export interface AssignableTicket {
  id: number
  title: string
  priority: string
  assignedTo: number | null
  statusClass: StatusClass
}

/** Who gives, whether over the cap too, and which member of the input named the agent. */
export interface Giving {
  actor: Actor
  force: boolean
  path: string
}

/** What giving is done with. */
export type GivingContext = Pick<ChangeContext, 'tx' | 'configuration' | 'now'>

/** Takes the ticket from its agent and frees the capacity. The ticket row itself is the caller's to change. */
export async function releaseAgent(tx: Tx, ticket: AssignableTicket, now: Date): Promise<void> {
  if (ticket.assignedTo === null) return
  await endAssignments(tx, [ticket.id], now)
  await moveLoad(tx, ticket.assignedTo, ticket.statusClass, null)
}

interface AgentRow extends Record<string, unknown> {
  name: string
  active: number
  max: number
  is_available: boolean
  is_away: boolean
}

/**
 * Gives an active ticket to a named agent: under the assignment lock, guarded by the cap unless forced. Who is away
 * may be given tickets by hand, since people may know better; the reason says so.
 * @throws DomainError 400 when the user is no agent, 409 over capacity
 */
export async function giveTo(
  context: GivingContext,
  ticket: AssignableTicket,
  agentId: number,
  by: Giving,
): Promise<void> {
  const { tx, now } = context
  const settings = await holdCountingOf(tx, [ticket.statusClass])
  const load = loadChange(settings, null, ticket.statusClass)
  const [agent] = await tx.execute<AgentRow>(sql`
    SELECT u.name, a.active_tickets AS active, a.max_tickets AS max, a.is_available, ${isAway(now)} AS is_away
    FROM agents a JOIN users u ON u.id = a.user_id
    WHERE a.user_id = ${agentId} AND u.is_active AND u.role IN ('Technical User', 'Technical Supervisor')
    FOR UPDATE OF a`)
  if (agent === undefined) throw invalid(by.path, 'is not an active agent')
  if (agent.active + load > agent.max && load > 0 && !by.force) {
    throw conflict(
      'agent_over_capacity',
      `${agent.name} has ${agent.active} of at most ${agent.max} active tickets`,
    )
  }
  await tx.execute(sql`UPDATE agents SET active_tickets = active_tickets + ${load},
    last_assigned_at = ${now.toISOString()}::timestamptz WHERE user_id = ${agentId}`)
  const reason = reasonOf(agent, agentId, by.actor, load)
  const parts = JSON.stringify({ active_tickets: agent.active, max_tickets: agent.max })
  await tx.execute(sql`
    INSERT INTO assignments (ticket_id, agent_id, assigned_by, strategy, parts, reason, assigned_at)
    VALUES (${ticket.id}, ${agentId}, ${by.actor.id}, 'manual', ${parts}::jsonb, ${reason},
      ${now.toISOString()}::timestamptz)`)
  const data = { to: agentId, to_name: agent.name, reason }
  const [eventSeq] = await appendEvents(tx, [
    { ticketId: ticket.id, type: 'assigned', actorId: by.actor.id, at: now, data },
  ])
  if (agentId !== by.actor.id) await tell(context, ticket, agentId, by.actor, eventSeq)
}

function reasonOf(agent: AgentRow, agentId: number, actor: Actor, load: number): string {
  const chosen = agentId === actor.id ? `${actor.name} took it` : `${actor.name} chose ${agent.name}`
  const notes = [
    ...(agent.active + load > agent.max && load > 0
      ? [`over the cap with ${agent.active} of at most ${agent.max} active tickets`]
      : []),
    ...(agent.is_away ? ['out of office'] : agent.is_available ? [] : ['not available']),
  ]
  return [chosen, ...notes.map((note) => `although ${note}`)].join(', ')
}

async function tell(
  { tx, configuration, now }: GivingContext,
  ticket: AssignableTicket,
  agentId: number,
  actor: Actor,
  eventSeq: number | undefined,
): Promise<void> {
  const [clock] = await tx.execute<{ due_at: string | null }>(
    sql`SELECT due_at FROM sla_clocks WHERE ticket_id = ${ticket.id} AND metric = 'resolution'`,
  )
  const due_at = toDate(clock?.due_at ?? null)?.toISOString() ?? null
  const params = { title: ticket.title, priority: ticket.priority, actor: actor.name, due_at }
  const notification: Notification = {
    userId: agentId,
    type: 'assignment',
    ticketId: ticket.id,
    at: now,
    eventSeq,
    title: `${ticketRef(ticket.id)} is assigned to you`,
    message: ticket.title,
    mail: { template: 'assignment', params },
  }
  await notify(tx, [notification], configuration.mail)
}
