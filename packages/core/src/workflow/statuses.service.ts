import { type StatusClass, statuses, type Tx, transitions } from '@servicedesk/db'
import { eq, or, sql } from 'drizzle-orm'
import { type Configuration, readConfiguration } from '../config/configuration.ts'
import { createEditor, type EditorDeps } from '../config/editor.ts'
import { freeName, slugOf } from '../config/names.ts'
import { assertUnused } from '../config/usage.ts'
import type { Actor } from '../shared/actor.ts'
import { firstTransitions, insertTransition, type StatusLinks } from './transition-rows.ts'
import { assertNotWorse } from './workflow-rules.ts'

/** A status as admins write it. */
export interface StatusInput {
  name: string
  class: StatusClass
  description?: string | undefined
  color?: string | undefined
  /** Its place among the others; the first of a class is the one that the desk itself uses. Last, if not given. */
  order?: number | undefined
}

function views({ statuses: rows }: Configuration) {
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    is_closed_status: row.class === 'resolved' || row.class === 'closed',
    class: row.class,
    description: row.description,
    color: row.color,
    order: row.position,
  }))
}

/**
 * The statuses that tickets go through. No edit may leave a status that cannot be reached or left, or a class without
 * which the desk cannot work: the rules are at `workflowProblems`.
 */
export function createStatusService(deps: EditorDeps) {
  const editor = createEditor(deps, { entity: 'status', title: 'Status', views })

  function columnsOf(current: Configuration, input: Partial<StatusInput>, own?: number) {
    const name = input.name === undefined ? undefined : freeName(current.statuses, input.name, own)
    const { description, color, order } = input
    return {
      ...(name === undefined ? {} : { name, slug: slugOf(name) }),
      ...(input.class === undefined ? {} : { class: input.class }),
      ...(description === undefined ? {} : { description }),
      ...(color === undefined ? {} : { color: color.toLowerCase() }),
      ...(order === undefined ? {} : { position: order }),
    }
  }

  return {
    list: editor.list,
    get: editor.get,

    /**
     * Adds a status with the transitions that lead to it and from it; without any they are those of the first status
     * of its class, and the two between it and that one.
     * @throws DomainError 400 naming the member, 409 for a name that is taken
     */
    create(actor: Actor, input: StatusInput & StatusLinks, outer?: Tx) {
      return editor.create(
        actor,
        async ({ tx, current }) => {
          const links = firstTransitions(current, input.class, input)
          const position = Math.max(-1, ...current.statuses.map((row) => row.position)) + 1
          const values = {
            position,
            name: input.name,
            slug: '',
            class: input.class,
            ...columnsOf(current, input),
          }
          const [row] = await tx.insert(statuses).values(values).returning({ id: statuses.id })
          if (row === undefined) throw new Error('the status was not inserted')
          for (const { otherId, leadsHere, roles } of links) {
            const [from, to] = leadsHere ? [otherId, row.id] : [row.id, otherId]
            await insertTransition(tx, from, to, roles)
          }
          const after = await readConfiguration(tx, current)
          assertNotWorse(current, after, (rule) => (rule === 'dead_end' ? 'to' : 'from'))
          return row.id
        },
        outer,
      )
    },

    /**
     * Members that are not given stay. The class of a status that tickets have stays too: their clocks and their
     * agents' loads went by it.
     * @throws DomainError 400 naming the member, 404, 409
     */
    update(actor: Actor, id: number, input: Partial<StatusInput>) {
      return editor.update(actor, id, async ({ tx, current }) => {
        const set = columnsOf(current, input, id)
        if (Object.keys(set).length === 0) return
        const isOtherClass = set.class !== current.statuses.find((row) => row.id === id)?.class
        if (set.class !== undefined && isOtherClass) await assertNoTickets(tx, id)
        await tx.update(statuses).set(set).where(eq(statuses.id, id))
        const after = await readConfiguration(tx, current)
        assertNotWorse(current, after, () => (set.class === undefined ? 'order' : 'class'))
      })
    },

    /** Deletes a status with its transitions. @throws DomainError 404; 409 while tickets have it or need the way */
    remove(actor: Actor, id: number) {
      return editor.remove(actor, id, async ({ tx, current }) => {
        await assertNoTickets(tx, id)
        await tx
          .delete(transitions)
          .where(or(eq(transitions.fromStatusId, id), eq(transitions.toStatusId, id)))
        await tx.delete(statuses).where(eq(statuses.id, id))
        assertNotWorse(current, await readConfiguration(tx, current), null)
      })
    },
  }
}

/**
 * Holds that no ticket has the status, deleted ones included, until the transaction ends: a ticket that is moved to it
 * waits for the row, and is refused when that has changed.
 */
async function assertNoTickets(tx: Tx, id: number): Promise<void> {
  await tx.execute(sql`SELECT 1 FROM statuses WHERE id = ${id} FOR UPDATE`)
  await assertUnused(tx, 'The status', { tickets: sql`FROM tickets WHERE status_id = ${id}` })
}

export type StatusService = ReturnType<typeof createStatusService>
