import { slaPolicies } from '@servicedesk/db'
import { emit } from '@servicedesk/jobs/emit'
import { eq } from 'drizzle-orm'
import { matchPolicy } from '../sla/match-policy.ts'
import type { Configuration, PolicyRow } from './configuration.ts'
import type { Edit } from './editor.ts'
import { slugOf } from './names.ts'
import { defaultCalendar, secondsOf } from './policy-input.ts'
import { insertAt, isCatchAll, placeInFrontOf } from './policy-order.ts'

/** No category has it, so only policies for all categories match. */
const ANY_CATEGORY = 0
/** Where nothing says how soon to answer: an eighth of the time to resolve, as most defaults have it, a day's work at most. */
const RESPONSE_SHARE = 8
const LONGEST_RESPONSE_SECONDS = 8 * 3_600

/** The policy that a plain ticket of a priority gets: one without a team, in a category that no policy names. */
export function defaultPolicyOf(
  { policies }: Pick<Configuration, 'policies'>,
  priorityId: number,
): PolicyRow | undefined {
  return matchPolicy(policies, { priorityId, categoryId: ANY_CATEGORY, teamId: null })
}

/**
 * Writes the resolution target of a priority's default policy. Where that policy is for all priorities, or there is
 * none, the priority gets one of its own in front of it.
 * @throws DomainError 400 at `sla_hours`
 */
export async function setDefaultTarget(
  { tx, current, now }: Edit,
  priority: { id: number; name: string; sla_hours: number },
): Promise<void> {
  const policy = defaultPolicyOf(current, priority.id)
  const calendarId = policy?.calendarId ?? defaultCalendar(current, 'sla_hours').id
  const resolutionSeconds = secondsOf(current, calendarId, priority.sla_hours * 60, 'sla_hours')
  if (policy?.priorityId === priority.id) {
    await tx
      .update(slaPolicies)
      .set({ resolutionSeconds, changedAt: now })
      .where(eq(slaPolicies.id, policy.id))
  } else {
    const share = Math.ceil(resolutionSeconds / RESPONSE_SHARE)
    await insertAt(tx, current.policies, placeInFrontOf(current.policies, isCatchAll), {
      name: freePolicyName(current.policies, priority.name),
      priorityId: priority.id,
      calendarId,
      firstResponseSeconds: policy?.firstResponseSeconds ?? Math.min(share, LONGEST_RESPONSE_SECONDS),
      resolutionSeconds,
      warnPercent: policy?.warnPercent ?? 80,
      changedAt: now,
    })
  }
  await emit(tx, 'sla.recompute', {})
}

function freePolicyName(policies: readonly PolicyRow[], name: string): string {
  const isTaken = (wanted: string) => policies.some((policy) => slugOf(policy.name) === slugOf(wanted))
  let free = name
  for (let number = 2; isTaken(free); number += 1) free = `${name} ${number}`
  return free
}
