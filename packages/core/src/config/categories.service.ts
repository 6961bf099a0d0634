import { categories, type Tx } from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import type { Actor } from '../shared/actor.ts'
import { conflict } from '../shared/errors.ts'
import { type Configuration, requireNamed } from './configuration.ts'
import { createEditor, type EditorDeps } from './editor.ts'
import { freeName, slugOf } from './names.ts'
import { assertUnused } from './usage.ts'

export interface CategoryInput {
  name: string
  description?: string | undefined
  /** The name of the team that gets its tickets; null for whoever is free. */
  team?: string | null | undefined
}

function views(configuration: Configuration) {
  return configuration.categories.map(({ id, name, description, teamId }) => ({
    id,
    name,
    description,
    team: configuration.teams.find((team) => team.id === teamId)?.name ?? null,
  }))
}

/** Categories. The team of one gets the tickets that are created in it from then on. */
export function createCategoryService(deps: EditorDeps) {
  const editor = createEditor(deps, { entity: 'category', title: 'Category', views })

  function columnsOf(current: Configuration, input: Partial<CategoryInput>, own?: number) {
    const name = input.name === undefined ? undefined : freeName(current.categories, input.name, own)
    return {
      ...(name === undefined ? {} : { name, slug: slugOf(name) }),
      ...(input.description === undefined ? {} : { description: input.description }),
      ...(input.team === undefined ? {} : { teamId: teamIdOf(current, input.team) }),
    }
  }

  return {
    list: editor.list,
    get: editor.get,

    /** @throws DomainError 400 naming the member, 409 for a name that is taken */
    create(actor: Actor, input: CategoryInput, outer?: Tx) {
      return editor.create(
        actor,
        async ({ tx, current }) => {
          const values = { name: input.name, slug: '', ...columnsOf(current, input) }
          const [row] = await tx.insert(categories).values(values).returning({ id: categories.id })
          if (row === undefined) throw new Error('the category was not inserted')
          return row.id
        },
        outer,
      )
    },

    /** Members that are not given stay. @throws DomainError 400 naming the member, 404, 409 */
    update(actor: Actor, id: number, input: Partial<CategoryInput>) {
      return editor.update(actor, id, async ({ tx, current }) => {
        const set = columnsOf(current, input, id)
        if (Object.keys(set).length > 0) await tx.update(categories).set(set).where(eq(categories.id, id))
      })
    },

    /** @throws DomainError 404; 409 while something uses it */
    remove(actor: Actor, id: number) {
      return editor.remove(actor, id, async ({ tx, current }) => {
        if (current.categories.length === 1) throw conflict('in_use', 'Tickets need at least one category')
        await assertUnused(tx, 'The category', {
          tickets: sql`FROM tickets WHERE category_id = ${id}`,
          skills: sql`FROM agent_skills WHERE category_id = ${id}`,
          'SLA policies': sql`FROM sla_policies WHERE category_id = ${id}`,
        })
        await tx.delete(categories).where(eq(categories.id, id))
      })
    },
  }
}

function teamIdOf(current: Configuration, name: string | null): number | null {
  if (name === null) return null
  const teams = current.teams.map((team) => ({ ...team, slug: slugOf(team.name) }))
  return requireNamed(teams, name, 'team').id
}
