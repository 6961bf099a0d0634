import { priorities, slaPolicies, type Tx } from '@servicedesk/db'
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Actor } from '../shared/actor.ts'
import { conflict, invalid } from '../shared/errors.ts'
import type { Configuration } from './configuration.ts'
import { defaultPolicyOf, setDefaultTarget } from './default-policies.ts'
import { createEditor, type Edit, type EditorDeps } from './editor.ts'
import { freeName, slugOf } from './names.ts'
import { assertUnused } from './usage.ts'

export interface PriorityInput {
  name: string
  /** The resolution target of the default policy; null stands for none, and only where there is none. */
  sla_hours?: number | null | undefined
  color_code: string
  /** 1 is the most urgent; past the last it is the last. */
  rank?: number | undefined
}

function views(configuration: Configuration) {
  return configuration.priorities.map((row) => {
    const policy = defaultPolicyOf(configuration, row.id)
    const sla_hours = policy === undefined ? null : policy.resolutionSeconds / 3_600
    return { id: row.id, name: row.name, sla_hours, color_code: row.colorCode, rank: row.rank }
  })
}

/** Priorities, in order of urgency. Reads are for everybody, edits for admins. */
export function createPriorityService(deps: EditorDeps) {
  const editor = createEditor(deps, { entity: 'priority', title: 'Priority', views })
  return {
    list: editor.list,
    get: editor.get,

    /** @throws DomainError 400 naming the member, 409 for a name that is taken */
    create(actor: Actor, input: PriorityInput, outer?: Tx) {
      return editor.create(
        actor,
        async (edit) => {
          const { tx, current } = edit
          const name = freeName(current.priorities, input.name)
          const [row] = await tx
            .insert(priorities)
            .values({
              name,
              slug: slugOf(name),
              colorCode: input.color_code,
              rank: current.priorities.length + 1,
            })
            .returning()
          if (row === undefined) throw new Error('the priority was not inserted')
          if (input.rank !== undefined) await moveTo(edit, row.id, input.rank)
          if (typeof input.sla_hours === 'number') {
            await setDefaultTarget(edit, { ...row, sla_hours: input.sla_hours })
          }
          return row.id
        },
        outer,
      )
    },

    /** Members that are not given stay. @throws DomainError 400 naming the member, 404, 409 */
    update(actor: Actor, id: number, input: Partial<PriorityInput>) {
      return editor.update(actor, id, async (edit) => {
        const { tx, current } = edit
        const row = current.priorities.find((each) => each.id === id)
        const shown = views(current).find((each) => each.id === id)
        if (row === undefined || shown === undefined) return
        const name = input.name === undefined ? row.name : freeName(current.priorities, input.name, id)
        const colorCode = input.color_code ?? row.colorCode
        await tx
          .update(priorities)
          .set({ name, slug: slugOf(name), colorCode })
          .where(eq(priorities.id, id))
        if (input.rank !== undefined) await moveTo(edit, id, input.rank)
        const { sla_hours } = input
        if (sla_hours === undefined || sla_hours === shown.sla_hours) return
        if (sla_hours === null)
          throw invalid('sla_hours', 'cannot be taken away; switch the policy off instead')
        await setDefaultTarget(edit, { id, name, sla_hours })
      })
    },

    /** Its own default policy goes with it. @throws DomainError 404; 409 while something uses it */
    remove(actor: Actor, id: number) {
      return editor.remove(actor, id, async ({ tx, current }) => {
        if (current.priorities.length === 1) throw conflict('in_use', 'Tickets need at least one priority')
        const isItsDefault = and(
          eq(slaPolicies.priorityId, id),
          isNull(slaPolicies.categoryId),
          isNull(slaPolicies.teamId),
        )
        await assertUnused(tx, 'The priority', {
          tickets: sql`FROM tickets WHERE priority_id = ${id}`,
          clocks: sql`FROM sla_clocks k JOIN sla_policies p ON p.id = k.policy_id WHERE p.priority_id = ${id}`,
          'SLA policies': sql`FROM sla_policies WHERE priority_id = ${id} AND NOT (${isItsDefault})`,
        })
        await tx.delete(slaPolicies).where(isItsDefault)
        await tx.delete(priorities).where(eq(priorities.id, id))
        await renumber(
          tx,
          current.priorities.filter((each) => each.id !== id).map((each) => each.id),
        )
      })
    },
  }
}

/** Puts a priority at a rank; the others close up around it. */
async function moveTo({ tx, current }: Edit, id: number, rank: number): Promise<void> {
  const ids = current.priorities.map((row) => row.id).filter((each) => each !== id)
  await renumber(tx, ids.toSpliced(rank - 1, 0, id))
}

/** Ranks are 1, 2, 3 … in this order. */
async function renumber(tx: Tx, ids: readonly number[]): Promise<void> {
  await tx.execute(sql`
    UPDATE priorities p SET rank = o.rank
    FROM unnest(string_to_array(${ids.join(',')}, ',')::bigint[]) WITH ORDINALITY AS o(id, rank)
    WHERE p.id = o.id AND p.rank <> o.rank`)
}
