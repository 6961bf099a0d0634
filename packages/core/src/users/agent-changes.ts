import { agentSkills, agents, assignments, type Tx, tickets } from '@servicedesk/db'
import { emit } from '@servicedesk/jobs/emit'
import { and, eq, inArray, isNull } from 'drizzle-orm'
import { type Configuration, requireNamed } from '../config/configuration.ts'
import { isAgentRole, type RoleName } from '../policy/roles.ts'
import { conflict, invalid } from '../shared/errors.ts'
import { appendEvents } from '../tickets/events.ts'
import { ACTIVE_CLASSES } from '../workflow/workflow.ts'

/** What an admin may set of an agent. */
export interface AgentChanges {
  team?: string | null
  skills?: { category: string; level: number }[]
  max_tickets?: number
  is_available?: boolean
  out_of_office?: { from: string; to?: string | null | undefined } | null
}

/**
 * Writes an agent's team, skills, cap and presence; members that are not given stay.
 * @param role what the user is from now on: who is no agent any more keeps the row, but not its members
 * @throws DomainError 400 naming the member, 409 when the user is no agent
 */
export async function changeAgent(
  tx: Tx,
  configuration: Configuration,
  userId: number,
  role: RoleName,
  changes: AgentChanges,
): Promise<void> {
  const { team, skills, max_tickets, is_available, out_of_office } = changes
  const isAsked = [team, skills, max_tickets, is_available, out_of_office].some((each) => each !== undefined)
  if (isAsked && !isAgentRole(role))
    throw conflict('not_an_agent', 'Only agents have a team, skills, a cap and availability')
  const set: Partial<typeof agents.$inferInsert> = {}
  if (team !== undefined) set.teamId = team === null ? null : teamId(configuration, team)
  if (max_tickets !== undefined) set.maxTickets = max_tickets
  if (is_available !== undefined) set.isAvailable = is_available
  if (out_of_office !== undefined) {
    set.outOfOfficeFrom = out_of_office === null ? null : new Date(out_of_office.from)
    set.outOfOfficeTo = out_of_office?.to ? new Date(out_of_office.to) : null
    if (set.outOfOfficeFrom && set.outOfOfficeTo && set.outOfOfficeTo < set.outOfOfficeFrom) {
      throw invalid('out_of_office.to', 'must not be before from')
    }
  }
  if (Object.keys(set).length > 0) await tx.update(agents).set(set).where(eq(agents.userId, userId))
  if (skills !== undefined) await replaceSkills(tx, configuration, userId, skills)
}

function teamId(configuration: Configuration, name: string): number {
  const team = configuration.teams.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (team === undefined) throw invalid('team', 'is not the name of a team')
  return team.id
}

async function replaceSkills(
  tx: Tx,
  configuration: Configuration,
  userId: number,
  skills: readonly { category: string; level: number }[],
): Promise<void> {
  const rows = skills.map((skill, index) => ({
    userId,
    categoryId: requireNamed(configuration.categories, skill.category, `skills.${index}.category`).id,
    level: skill.level,
  }))
  await tx.delete(agentSkills).where(eq(agentSkills.userId, userId))
  if (rows.length > 0) await tx.insert(agentSkills).values(rows).onConflictDoNothing()
}

/** Sends the open tickets of an agent who leaves back to assignment. Call under the assignment lock. */
export async function putTicketsBack(tx: Tx, userId: number, now: Date): Promise<void> {
  const rows = await tx
    .update(tickets)
    .set({ assignedTo: null, waitingReason: null })
    .where(
      and(
        eq(tickets.assignedTo, userId),
        inArray(tickets.statusClass, [...ACTIVE_CLASSES]),
        isNull(tickets.deletedAt),
      ),
    )
    .returning({ id: tickets.id })
  await tx.update(agents).set({ activeTickets: 0 }).where(eq(agents.userId, userId))
  if (rows.length === 0) return
  const ids = rows.map((row) => row.id)
  await tx
    .update(assignments)
    .set({ endedAt: now })
    .where(and(inArray(assignments.ticketId, ids), isNull(assignments.endedAt)))
  await appendEvents(
    tx,
    ids.map((ticketId) => ({
      ticketId,
      type: 'unassigned' as const,
      actorId: null,
      at: now,
      data: { from: userId },
    })),
  )
  await emit(tx, 'assignment.drain', {})
}
