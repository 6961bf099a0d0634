import { type Tx, teams, users } from '@servicedesk/db'
import { and, eq, sql } from 'drizzle-orm'
import { isSupervisor, type RoleName } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { invalid } from '../shared/errors.ts'
import type { Configuration } from './configuration.ts'
import { createEditor, type Edit, type EditorDeps } from './editor.ts'
import { freeName } from './names.ts'
import { assertUnused } from './usage.ts'

export interface TeamInput {
  name: string
  description?: string | undefined
  /** The team that it is a part of. */
  parent_id?: number | null | undefined
  /** Who hears of what its agents cannot settle. */
  supervisor_id?: number | null | undefined
}

function views({ teams }: Configuration) {
  return teams.map(({ id, name, description, parentId, supervisorId }) => ({
    id,
    name,
    description,
    parent_id: parentId,
    supervisor_id: supervisorId,
  }))
}

/** Teams, which may be parts of each other. */
export function createTeamService(deps: EditorDeps) {
  const editor = createEditor(deps, { entity: 'team', title: 'Team', views })
  return {
    list: editor.list,
    get: editor.get,

    /** @throws DomainError 400 naming the member, 409 for a name that is taken */
    create(actor: Actor, input: TeamInput, outer?: Tx) {
      return editor.create(
        actor,
        async (edit) => {
          const values = { name: input.name, ...(await columnsOf(edit, input)) }
          const [row] = await edit.tx.insert(teams).values(values).returning({ id: teams.id })
          if (row === undefined) throw new Error('the team was not inserted')
          return row.id
        },
        outer,
      )
    },

    /** Members that are not given stay. @throws DomainError 400 naming the member, 404, 409 */
    update(actor: Actor, id: number, input: Partial<TeamInput>) {
      return editor.update(actor, id, async (edit) => {
        const set = await columnsOf(edit, input, id)
        if (Object.keys(set).length > 0) await edit.tx.update(teams).set(set).where(eq(teams.id, id))
      })
    },

    /** @throws DomainError 404; 409 while something uses it */
    remove(actor: Actor, id: number) {
      return editor.remove(actor, id, async ({ tx }) => {
        await assertUnused(tx, 'The team', {
          agents: sql`FROM agents WHERE team_id = ${id}`,
          tickets: sql`FROM tickets WHERE team_id = ${id}`,
          categories: sql`FROM categories WHERE team_id = ${id}`,
          'SLA policies': sql`FROM sla_policies WHERE team_id = ${id}`,
          teams: sql`FROM teams WHERE parent_id = ${id}`,
        })
        await tx.delete(teams).where(eq(teams.id, id))
      })
    },
  }
}

async function columnsOf({ tx, current }: Edit, input: Partial<TeamInput>, own?: number) {
  const { name, description, parent_id, supervisor_id } = input
  const row = current.teams.find((team) => team.id === own)
  if (typeof parent_id === 'number') assertNoLoop(current, parent_id, own)
  // One who has left meanwhile may stay until somebody else is named.
  if (typeof supervisor_id === 'number' && supervisor_id !== row?.supervisorId) {
    await assertMaySupervise(tx, supervisor_id)
  }
  return {
    ...(name === undefined ? {} : { name: freeName(current.teams, name, own) }),
    ...(description === undefined ? {} : { description }),
    ...(parent_id === undefined ? {} : { parentId: parent_id }),
    ...(supervisor_id === undefined ? {} : { supervisorId: supervisor_id }),
  }
}

/** @throws DomainError 400 at `parent_id` for what is no team, the team itself or a part of it */
function assertNoLoop({ teams }: Configuration, parentId: number, own: number | undefined): void {
  for (let id: number | null = parentId; id !== null; ) {
    if (id === own) throw invalid('parent_id', 'is the team itself or a part of it')
    const team = teams.find((row) => row.id === id)
    if (team === undefined) throw invalid('parent_id', 'is not the id of a team')
    id = team.parentId
  }
}

/** The row is locked: whoever takes the role away or deactivates the account comes before or after. */
async function assertMaySupervise(tx: Tx, id: number): Promise<void> {
  const [user] = await tx
    .select({ role: users.role })
    .from(users)
    .where(and(eq(users.id, id), eq(users.isActive, true)))
    .for('share')
  if (user === undefined || !isSupervisor(user.role as RoleName)) {
    throw invalid('supervisor_id', 'is not an active Technical Supervisor or System Admin')
  }
}
