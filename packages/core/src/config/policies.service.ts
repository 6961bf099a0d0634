import { slaPolicies, type Tx } from '@servicedesk/db'
import { emit } from '@servicedesk/jobs/emit'
import { eq, sql } from 'drizzle-orm'
import type { Actor } from '../shared/actor.ts'
import { conflict } from '../shared/errors.ts'
import type { Configuration, PolicyRow } from './configuration.ts'
import { createEditor, type Edit, type EditorDeps } from './editor.ts'
import {
  BREACH_ACTIONS,
  columnsOf,
  defaultCalendar,
  type PolicyColumns,
  type PolicyInput,
  requireCalendar,
  secondsOf,
} from './policy-input.ts'
import { insertAt, moveTo, placeFor } from './policy-order.ts'
import { assertStillPromised } from './promised.ts'

function view(configuration: Configuration, policy: PolicyRow) {
  const nameOf = (rows: readonly { id: number; name: string }[], id: number | null) =>
    rows.find((row) => row.id === id)?.name ?? null
  const does = { alert: policy.breachAlert, escalate: policy.breachEscalate, reassign: policy.breachReassign }
  return {
    id: policy.id,
    name: policy.name,
    position: policy.position,
    priority: nameOf(configuration.priorities, policy.priorityId),
    category: nameOf(configuration.categories, policy.categoryId),
    team: nameOf(configuration.teams, policy.teamId),
    calendar_id: policy.calendarId,
    first_response_minutes: policy.firstResponseSeconds / 60,
    resolution_minutes: policy.resolutionSeconds / 60,
    warning_percent: policy.warnPercent,
    breach_actions: BREACH_ACTIONS.filter((action) => does[action]),
    is_active: policy.isActive,
  }
}

function views(configuration: Configuration) {
  return configuration.policies.map((policy) => view(configuration, policy))
}

/** What a change of makes open clocks count differently; the rest is read when it is needed. */
const MEANING = [
  'priorityId',
  'categoryId',
  'teamId',
  'calendarId',
  'firstResponseSeconds',
  'resolutionSeconds',
  'warnPercent',
  'isActive',
] as const

/** SLA policies, in order: the first active one that fits a ticket applies. Every edit has open clocks counted anew. */
export function createPolicyService(deps: EditorDeps) {
  const editor = createEditor(deps, { entity: 'sla_policy', title: 'SLA policy', views })
  return {
    list: editor.list,
    get: editor.get,

    /** @throws DomainError 400 naming the member, 409 for a name that is taken */
    create(actor: Actor, input: PolicyInput, outer?: Tx) {
      return editor.create(
        actor,
        async ({ tx, current, now }) => {
          const calendarId = input.calendar_id ?? defaultCalendar(current, 'calendar_id').id
          const values = {
            priorityId: null,
            categoryId: null,
            teamId: null,
            name: input.name,
            ...columnsOf(current, input),
            ...targets(current, calendarId, input),
            changedAt: now,
          }
          const position = input.position ?? placeFor(current.policies, values)
          const id = await insertAt(tx, current.policies, position, values)
          await emit(tx, 'sla.recompute', {})
          return id
        },
        outer,
      )
    },

    /** Members that are not given stay. @throws DomainError 400 naming the member, 404, 409 */
    update(actor: Actor, id: number, input: Partial<PolicyInput>) {
      return editor.update(actor, id, async (edit) => {
        const { tx, current, now } = edit
        const policy = current.policies.find((row) => row.id === id)
        if (policy === undefined) return
        const set = changedColumns(current, policy, input)
        const moves = input.position !== undefined && input.position !== policy.position
        const isOther = moves || MEANING.some((name) => set[name] !== undefined && set[name] !== policy[name])
        await assertStillPromised(
          tx,
          current,
          current.policies.map((row) => (row.id === id ? { ...row, ...set } : row)),
        )
        if (moves) await moveTo(tx, current.policies, id, input.position ?? policy.position)
        if (isOther) await emit(tx, 'sla.recompute', {})
        const columns = { ...set, ...(isOther ? { changedAt: now } : {}) }
        if (Object.keys(columns).length > 0) {
          await tx.update(slaPolicies).set(columns).where(eq(slaPolicies.id, id))
        }
      })
    },

    /**
     * For policies that never timed anything; others are switched off.
     * @throws DomainError 404; 409 for one that a clock was timed by, or that open tickets need
     */
    remove(actor: Actor, id: number) {
      return editor.remove(actor, id, async (edit) => {
        await assertTimedNothing(edit, id)
        const { tx, current } = edit
        await assertStillPromised(
          tx,
          current,
          current.policies.filter((row) => row.id !== id),
        )
        await tx.delete(slaPolicies).where(eq(slaPolicies.id, id))
      })
    },
  }
}

function targets(
  current: Configuration,
  calendarId: number,
  input: Pick<PolicyInput, 'first_response_minutes' | 'resolution_minutes'>,
) {
  requireCalendar(current, calendarId)
  const { first_response_minutes: first, resolution_minutes: resolution } = input
  return {
    calendarId,
    firstResponseSeconds: secondsOf(current, calendarId, first, 'first_response_minutes'),
    resolutionSeconds: secondsOf(current, calendarId, resolution, 'resolution_minutes'),
  }
}

/** Targets are looked at again when the calendar changes: they must be within its reach. */
function changedColumns(
  current: Configuration,
  policy: PolicyRow,
  input: Partial<PolicyInput>,
): Partial<PolicyColumns> {
  const { calendar_id, first_response_minutes, resolution_minutes } = input
  return {
    ...columnsOf(current, input, policy.id),
    ...targets(current, calendar_id ?? policy.calendarId, {
      first_response_minutes: first_response_minutes ?? policy.firstResponseSeconds / 60,
      resolution_minutes: resolution_minutes ?? policy.resolutionSeconds / 60,
    }),
  }
}

/** The log of a clock is kept for good, and what it was timed by with it. */
async function assertTimedNothing({ tx }: Edit, id: number): Promise<void> {
  const [found] = await tx.execute<{ is_used: boolean }>(sql`
    SELECT EXISTS (SELECT 1 FROM sla_clocks WHERE policy_id = ${id})
      OR EXISTS (SELECT 1 FROM sla_clock_events
                 WHERE type IN ('start', 'apply_policy') AND (data->>'policy_id')::bigint = ${id}) AS is_used`)
  if (found?.is_used) {
    throw conflict('in_use', 'Clocks were timed by this policy; set is_active to false instead')
  }
}
