import type { Tx } from '@servicedesk/db'
import { emit } from '@servicedesk/jobs/emit'
import type { Configuration } from '../config/configuration.ts'
import type { Clock } from '../shared/ports.ts'
import { readAssignmentSettings } from './assignment-settings.ts'
import { lockCandidates } from './candidates.ts'
import { choose } from './choose.ts'
import { takeAssignmentLock } from './lock.ts'
import { markUnassignable, roomOf, teamsOf } from './waiting.ts'
import { afterCreation, asWaiting, isAnyWaiting, lockWaiting } from './waiting-rows.ts'
import { writeChoices } from './write-choices.ts'

const BATCH = 200

/**
 * Assigns whatever waits, most urgent first, in one batch of up to 200 under the assignment lock. Tickets that
 * nobody can take keep a reason, and supervisors are told once. A full batch owes another drain.
 * @returns how many were assigned
 */
export async function assignWaiting(
  tx: Tx,
  configuration: Configuration,
  clock: Clock,
  limit = BATCH,
): Promise<number> {
  // An earlier batch had them all: most jobs of a busy desk end here, and wait for nobody.
  if (!(await isAnyWaiting(tx))) return 0
  await takeAssignmentLock(tx)
  // Not the cached ones: counters are kept by these.
  const settings = await readAssignmentSettings(tx)
  const candidates = await lockCandidates(tx, clock.now(), settings)
  const waiting = candidates.length === 0 ? [] : await lockWaiting(tx, teamsOf(candidates), limit)
  const now = afterCreation(clock, waiting)
  const tickets = waiting.map((row) => asWaiting(row, settings))
  const choices = choose(settings, tickets, candidates, now.getTime() * 1_000)
  if (choices.length > 0) await writeChoices(tx, configuration, choices, waiting, { actorId: null, now })
  if (waiting.length === limit) await emit(tx, 'assignment.drain', {})
  else await markUnassignable(tx, configuration, roomOf(candidates), now)
  return choices.length
}
