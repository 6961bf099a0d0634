import { agentSkills, agents, categories, type Executor, type Tx, teams, users } from '@servicedesk/db'
import { asc, eq, inArray } from 'drizzle-orm'
import { isAgentRole, type RoleName } from '../policy/roles.ts'
import type { AgentView } from './user-view.ts'

/** True for the violation of the one unique index on addresses. */
export function isDuplicateEmail(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return (
    typeof cause === 'object' &&
    cause !== null &&
    'constraint_name' in cause &&
    cause.constraint_name === 'users_email_key'
  )
}

/** Inserts a user, and what assignment needs when the role is an agent's. */
export async function insertUser(
  tx: Tx,
  user: Omit<typeof users.$inferInsert, 'role'> & { role: RoleName },
): Promise<typeof users.$inferSelect> {
  const [row] = await tx.insert(users).values(user).returning()
  if (row === undefined) throw new Error('insert returned no row')
  await ensureAgent(tx, row.id, user.role)
  return row
}

/** Gives a user with an agent's role a row that assignment counts on; it stays when the role changes. */
export async function ensureAgent(tx: Tx, userId: number, role: RoleName): Promise<void> {
  if (isAgentRole(role)) await tx.insert(agents).values({ userId }).onConflictDoNothing()
}

/** The agent's members of these users, by user id. */
export async function findAgentViews(
  db: Executor,
  userIds: readonly number[],
): Promise<Map<number, AgentView>> {
  if (userIds.length === 0) return new Map()
  const ids = [...userIds]
  const [rows, skills] = await Promise.all([
    db
      .select({ agent: agents, team: teams.name })
      .from(agents)
      .leftJoin(teams, eq(teams.id, agents.teamId))
      .where(inArray(agents.userId, ids)),
    db
      .select({ userId: agentSkills.userId, category: categories.name, level: agentSkills.level })
      .from(agentSkills)
      .innerJoin(categories, eq(categories.id, agentSkills.categoryId))
      .where(inArray(agentSkills.userId, ids))
      .orderBy(asc(categories.id)),
  ])
  return new Map(
    rows.map(({ agent, team }) => [
      agent.userId,
      {
        team,
        skills: skills
          .filter((skill) => skill.userId === agent.userId)
          .map(({ category, level }) => ({ category, level })),
        max_tickets: agent.maxTickets,
        is_available: agent.isAvailable,
        out_of_office:
          agent.outOfOfficeFrom === null
            ? null
            : { from: agent.outOfOfficeFrom.toISOString(), to: agent.outOfOfficeTo?.toISOString() ?? null },
        active_tickets: agent.activeTickets,
      },
    ]),
  )
}
