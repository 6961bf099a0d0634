import { agentSkills, agents, type Tx, tickets } from '@servicedesk/db'
import { and, asc, eq, inArray, isNull } from 'drizzle-orm'
import { returnToPool } from '../assignment/return-to-pool.ts'
import { instantOf } from '../config/calendar-input.ts'
import { type Configuration, requireNamed } from '../config/configuration.ts'
import { isAgentRole, type RoleName } from '../policy/roles.ts'
import { conflict, invalid } from '../shared/errors.ts'
import { ACTIVE_CLASSES } from '../workflow/workflow.ts'

/** What an admin may set of an agent. */
export interface AgentChanges {
  team?: string | null
  skills?: { category: string; level: number }[]
  max_tickets?: number
  is_available?: boolean
  /** Instants; or dates, from the first of which to the end of the second, in UTC, the agent is away. */
  out_of_office?: { from: string; to?: string | null | undefined } | null
}

/**
 * Writes an agent's team, skills, cap and presence; members that are not given stay.
 * @param role what the user is from now on: who is no agent any more keeps the row, but not its members
 * @returns whether any member was given
 * @throws DomainError 400 naming the member, 409 when the user is no agent
 */
export async function changeAgent(
  tx: Tx,
  configuration: Configuration,
  userId: number,
  role: RoleName,
  changes: AgentChanges,
): Promise<boolean> {
  const { team, skills, max_tickets, is_available, out_of_office } = changes
  const isAsked = [team, skills, max_tickets, is_available, out_of_office].some((each) => each !== undefined)
  if (isAsked && !isAgentRole(role))
    throw conflict('not_an_agent', 'Only agents have a team, skills, a cap and availability')
  const set: Partial<typeof agents.$inferInsert> = {}
  if (team !== undefined) set.teamId = team === null ? null : teamId(configuration, team)
  if (max_tickets !== undefined) set.maxTickets = max_tickets
  if (is_available !== undefined) set.isAvailable = is_available
  if (out_of_office !== undefined) {
    set.outOfOfficeFrom = out_of_office === null ? null : startOf(out_of_office.from)
    set.outOfOfficeTo = out_of_office?.to ? endOf(out_of_office.to) : null
    if (set.outOfOfficeFrom && set.outOfOfficeTo && set.outOfOfficeTo < set.outOfOfficeFrom) {
      throw invalid('out_of_office.to', 'must not be before from')
    }
  }
  if (Object.keys(set).length > 0) await tx.update(agents).set(set).where(eq(agents.userId, userId))
  if (skills !== undefined) await replaceSkills(tx, configuration, userId, skills)
  return isAsked
}

const DATE = /^\d{4}-\d\d-\d\d$/
const DAY_MS = 24 * 3_600_000

function startOf(text: string): Date {
  return instantOf(text, 'out_of_office.from')
}

/** The last millisecond of a date, so that who reads it back as a date reads the same. */
function endOf(text: string): Date {
  const instant = instantOf(text, 'out_of_office.to')
  return DATE.test(text) ? new Date(instant.getTime() + DAY_MS - 1) : instant
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
  const levels = new Map<number, number>()
  for (const [index, { category, level }] of skills.entries()) {
    const path = `skills.${index}.category`
    const { id } = requireNamed(configuration.categories, category, path)
    if (levels.has(id)) throw invalid(path, 'is named already')
    levels.set(id, level)
  }
  const rows = [...levels].map(([categoryId, level]) => ({ userId, categoryId, level }))
  await tx.delete(agentSkills).where(eq(agentSkills.userId, userId))
  if (rows.length > 0) await tx.insert(agentSkills).values(rows).onConflictDoNothing()
}

/** Sends the open tickets of an agent who leaves back to assignment. Call under the assignment lock. */
export async function putTicketsBack(tx: Tx, userId: number, now: Date): Promise<void> {
  const rows = await tx
    .select({ id: tickets.id, countedAs: tickets.statusClass })
    .from(tickets)
    .where(
      and(
        eq(tickets.assignedTo, userId),
        inArray(tickets.statusClass, [...ACTIVE_CLASSES]),
        isNull(tickets.deletedAt),
      ),
    )
    .orderBy(asc(tickets.id))
    .for('no key update')
  const returned = rows.map((row) => ({ ...row, assignedTo: userId }))
  await returnToPool(tx, returned, { actorId: null, passOver: false }, now)
}
