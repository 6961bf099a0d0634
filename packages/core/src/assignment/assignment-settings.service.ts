import { auditLog } from '@servicedesk/db'
import type { ConfigurationCache } from '../config/configuration.ts'
import type { Actor } from '../shared/actor.ts'
import { invalid } from '../shared/errors.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import {
  ASSIGNMENT_KEY,
  type AssignmentSettings,
  readAssignmentSettings,
  type ScoreWeights,
  writeAssignmentSettings,
} from './assignment-settings.ts'
import { recountAgents } from './counters.ts'
import { oweDrain } from './drain.ts'
import { takeAssignmentLock } from './lock.ts'

/** The members that a PUT may change; absent ones stay, of the weights too. */
export type AssignmentSettingsChanges = Partial<Omit<AssignmentSettings, 'weights'>> & {
  weights?: Partial<ScoreWeights>
}

/** How tickets find their agents: one row of the settings. */
export function createAssignmentSettingsService(deps: ServiceDeps & { configuration: ConfigurationCache }) {
  return {
    async get(): Promise<AssignmentSettings> {
      return (await deps.configuration.get()).assignment
    },

    /**
     * Changes the settings. When what counts against a cap changes, all agents are counted anew in the same
     * transaction; more capacity owes a drain.
     * @throws DomainError 400 for weights that do not add up to 100
     */
    async update(actor: Actor, changes: AssignmentSettingsChanges): Promise<AssignmentSettings> {
      const after = await transact(deps, async (tx) => {
        await takeAssignmentLock(tx)
        const before = merge(await readAssignmentSettings(tx), {})
        const after = merge(before, changes)
        const { weights } = after
        const sum = weights.capacity + weights.skills + weights.sla + weights.presence
        if (sum !== 100) throw invalid('weights', `must add up to 100, not to ${sum}`)
        if (JSON.stringify(after) === JSON.stringify(before)) return after
        await writeAssignmentSettings(tx, after)
        await tx.insert(auditLog).values({
          actorId: actor.id,
          action: 'update',
          entity: 'setting',
          entityId: ASSIGNMENT_KEY,
          data: { ...changes },
          createdAt: deps.clock.now(),
        })
        const countsAnew = after.pending_frees_capacity !== before.pending_frees_capacity
        if (countsAnew) await recountAgents(tx)
        if (countsAnew || (after.include_supervisors && !before.include_supervisors)) await oweDrain(tx)
        return after
      })
      deps.configuration.invalidate()
      return after
    },
  }
}

/** With the members in one order, which jsonb does not keep: equal settings are equal texts. */
function merge(before: AssignmentSettings, changes: AssignmentSettingsChanges): AssignmentSettings {
  const { capacity, skills, sla, presence } = { ...before.weights, ...changes.weights }
  const { strategy, include_supervisors, pending_frees_capacity } = { ...before, ...changes }
  return {
    strategy,
    include_supervisors,
    pending_frees_capacity,
    weights: { capacity, skills, sla, presence },
  }
}

export type AssignmentSettingsService = ReturnType<typeof createAssignmentSettingsService>
