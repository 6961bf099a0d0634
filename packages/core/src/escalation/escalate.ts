import { type Tx, tickets } from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import { notify } from '../alerts/notify.ts'
import type { Configuration, PriorityRow } from '../config/configuration.ts'
import { isStaff } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { assertThat, conflict, forbidden, invalid } from '../shared/errors.ts'
import { changeClocks } from '../sla/ticket-clocks.ts'
import { type ChangeContext, clockTicket } from '../tickets/change-context.ts'
import { appendEvents, type NewEvent } from '../tickets/events.ts'
import { ticketRef } from '../tickets/ticket-id.ts'
import type { LockedTicket } from '../tickets/tickets.repo.ts'
import { isActive } from '../workflow/workflow.ts'
import { escalationAudience } from './chain.ts'

/** Why a ticket is escalated, and to whom; without `to` the chain decides. */
export interface Escalation {
  reason: string
  to?: number | undefined
}

/** What an escalation is made with; without an actor the desk itself escalates. */
export type EscalationContext = Omit<ChangeContext, 'actor'> & { actor: Actor | null }

/**
 * Escalates a locked ticket because a person asks for it.
 * @throws DomainError 403 for requesters, 409 for a ticket that is done, 400 when `to` is no active member of staff
 */
export async function escalateByHand(
  context: ChangeContext,
  ticket: LockedTicket,
  wanted: Escalation,
): Promise<void> {
  assertThat(isStaff(context.actor.role), forbidden('Only staff escalate tickets'))
  assertThat(
    isActive(ticket.statusClass),
    conflict(
      'ticket_not_active',
      `A ticket that is ${ticket.statusName} cannot be escalated; reopen it first`,
    ),
  )
  if (wanted.to !== undefined) await checkRecipient(context.tx, wanted.to)
  await escalate(context, ticket, wanted)
}

/**
 * Raises a locked ticket's level and, while there is a higher one, its priority by a step, which moves its clocks like
 * any change of priority. Staff see it on the timeline; who is to act is alerted and mailed: `to`, unless that is who
 * escalates, else the chain ({@link escalationAudience}).
 */
export async function escalate(
  context: EscalationContext,
  ticket: LockedTicket,
  { reason, to }: Escalation,
): Promise<void> {
  const { tx, actor, configuration, now } = context
  const { priorityId, categoryId, teamId } = ticket
  const before = configuration.priorities.find((row) => row.id === priorityId)
  const after = nextPriority(configuration, before)
  const [raised] = await tx
    .update(tickets)
    .set({ escalationLevel: sql`${tickets.escalationLevel} + 1`, priorityId: after?.id ?? priorityId })
    .where(eq(tickets.id, ticket.id))
    .returning({ level: tickets.escalationLevel })
  if (raised === undefined) throw new Error(`ticket ${ticket.id} is gone`)
  const { level } = raised
  const told = to !== undefined && to !== actor?.id ? [to] : await audience(context, ticket, level)

  const event = { ticketId: ticket.id, actorId: actor?.id ?? null, at: now }
  const events: NewEvent[] = [
    { ...event, type: 'escalated', isInternal: true, data: { level, reason, to: told } },
  ]
  if (after !== undefined) {
    events.push({ ...event, type: 'priority_changed', data: { from: before?.name ?? null, to: after.name } })
  }
  const [eventSeq] = await appendEvents(tx, events)
  const priority = after?.name ?? before?.name ?? ''
  await notify(
    tx,
    told.map((userId) => ({
      userId,
      type: 'escalation' as const,
      ticketId: ticket.id,
      at: now,
      eventSeq,
      title: `${ticketRef(ticket.id)} was escalated to level ${level}`,
      message: `${ticket.title}: ${reason}`,
      mail: {
        template: 'escalation',
        params: { title: ticket.title, priority, level, actor: actor?.name ?? null, reason },
      },
    })),
    configuration.mail,
  )
  if (after === undefined) return
  ticket.priorityId = after.id
  const change = { kind: 'classified', before: { priorityId, categoryId, teamId } } as const
  await changeClocks(tx, configuration, clockTicket(configuration, ticket), change, now)
}

/** The priority one step more urgent; undefined for the most urgent. */
function nextPriority(
  configuration: Configuration,
  current: PriorityRow | undefined,
): PriorityRow | undefined {
  if (current === undefined) return undefined
  return configuration.priorities
    .filter((row) => row.rank < current.rank)
    .reduce<PriorityRow | undefined>(
      (best, row) => (best === undefined || row.rank > best.rank ? row : best),
      undefined,
    )
}

async function checkRecipient(tx: Tx, userId: number): Promise<void> {
  const rows = await tx.execute(
    sql`SELECT id FROM users WHERE id = ${userId} AND is_active AND role <> 'Normal User'`,
  )
  if (rows.length === 0) throw invalid('to', 'is not an active member of staff')
}

async function audience(
  { tx, configuration, actor }: EscalationContext,
  ticket: LockedTicket,
  level: number,
): Promise<number[]> {
  const rows = await tx.execute<{ id: number; role: string }>(sql`
    SELECT id, role FROM users
    WHERE is_active AND (role IN ('Technical Supervisor', 'System Admin')
      OR (role <> 'Normal User' AND id IN (SELECT supervisor_id FROM teams)))
    ORDER BY id`)
  const withRole = (role: string) => rows.filter((row) => row.role === role).map((row) => row.id)
  const people = {
    leaders: new Set(rows.map((row) => row.id)),
    supervisors: withRole('Technical Supervisor'),
    admins: withRole('System Admin'),
  }
  return escalationAudience(level, ticket.teamId, configuration.teams, people, actor?.id ?? null)
}
