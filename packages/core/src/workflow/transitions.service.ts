import { type Tx, transitionRoles, transitions } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import {
  type Configuration,
  readConfiguration,
  requireNamed,
  type TransitionRow,
} from '../config/configuration.ts'
import { createEditor, type EditorDeps } from '../config/editor.ts'
import { ROLE_NAMES } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { conflict, invalid } from '../shared/errors.ts'
import { insertTransition, parseRoles } from './transition-rows.ts'
import { assertNotWorse, type WorkflowRule } from './workflow-rules.ts'

/** A transition as admins write it: names of statuses, and of the roles that may take it. */
export interface TransitionInput {
  from: string
  to: string
  roles: readonly string[]
}

function views({ statuses, transitions: rows }: Configuration) {
  const nameOf = (id: number) => statuses.find((status) => status.id === id)?.name ?? ''
  return rows.map((row) => ({
    id: row.id,
    from: nameOf(row.fromStatusId),
    to: nameOf(row.toStatusId),
    roles: ROLE_NAMES.filter((role) => row.roles.includes(role)),
  }))
}

/**
 * Which status may follow which, and who may take the step. No edit may leave a status that cannot be reached or left:
 * the rules are at `workflowProblems`.
 */
export function createTransitionService(deps: EditorDeps) {
  const editor = createEditor(deps, { entity: 'transition', title: 'Transition', views })

  return {
    list: editor.list,
    get: editor.get,

    /** @throws DomainError 400 naming the member, 409 for one that there is already */
    create(actor: Actor, input: TransitionInput, outer?: Tx) {
      return editor.create(
        actor,
        async ({ tx, current }) => {
          const { fromStatusId, toStatusId } = endsOf(current, input)
          return insertTransition(tx, fromStatusId, toStatusId, parseRoles(input.roles))
        },
        outer,
      )
    },

    /** Members that are not given stay. @throws DomainError 400 naming the member, 404, 409 */
    update(actor: Actor, id: number, input: Partial<TransitionInput>) {
      return editor.update(actor, id, async ({ tx, current }) => {
        const own = current.transitions.find((row) => row.id === id)
        await tx
          .update(transitions)
          .set(endsOf(current, input, own))
          .where(eq(transitions.id, id))
        if (input.roles !== undefined) {
          const rows = parseRoles(input.roles).map((role) => ({ transitionId: id, role }))
          await tx.delete(transitionRoles).where(eq(transitionRoles.transitionId, id))
          await tx.insert(transitionRoles).values(rows)
        }
        const after = await readConfiguration(tx, current)
        assertNotWorse(current, after, (rule) => memberFor(rule, input))
      })
    },

    /** @throws DomainError 404; 409 where it is the only way to a status or on from it */
    remove(actor: Actor, id: number) {
      return editor.remove(actor, id, async ({ tx, current }) => {
        await tx.delete(transitions).where(eq(transitions.id, id))
        assertNotWorse(current, await readConfiguration(tx, current), null)
      })
    },
  }
}

/** @throws DomainError 400 for no status and for one that leads to itself, 409 for a pair that is taken */
function endsOf(current: Configuration, input: Partial<TransitionInput>, own?: TransitionRow) {
  const idOf = (name: string | undefined, member: 'from' | 'to', before = 0) =>
    name === undefined ? before : requireNamed(current.statuses, name, member).id
  const fromStatusId = idOf(input.from, 'from', own?.fromStatusId)
  const toStatusId = idOf(input.to, 'to', own?.toStatusId)
  if (fromStatusId === toStatusId) {
    throw invalid(
      input.to === undefined ? 'from' : 'to',
      'must be another status: a transition leads elsewhere',
    )
  }
  const taken = current.transitions.some(
    (row) => row.fromStatusId === fromStatusId && row.toStatusId === toStatusId && row.id !== own?.id,
  )
  if (taken) throw conflict('already_exists', 'There is a transition between these statuses already')
  return { fromStatusId, toStatusId }
}

/** The member that broke the rule: where it led to before is not reached, where it came from leads nowhere. */
function memberFor(rule: WorkflowRule, input: Partial<TransitionInput>): string {
  const [first, second] = rule === 'dead_end' ? (['from', 'to'] as const) : (['to', 'from'] as const)
  if (input[first] !== undefined) return first
  return input[second] !== undefined ? second : 'roles'
}

export type TransitionService = ReturnType<typeof createTransitionService>
