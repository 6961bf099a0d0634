import type { Metric } from '@servicedesk/db'
import { type CalendarRow, type Configuration, calendarOf, type PolicyRow } from '../config/configuration.ts'
import type { NewClock } from '../tickets/create-statement.ts'
import { type ClockSnapshot, type ClockTarget, deadlines, isSameTarget } from './clock.ts'
import { matchPolicy, type PolicySubject } from './match-policy.ts'

const METRICS = ['first_response', 'resolution'] as const

/** What a policy in force asks of a clock. */
export function targetOf(policy: PolicyRow, calendar: CalendarRow, metric: Metric): ClockTarget {
  return {
    policyId: policy.id,
    targetSeconds: metric === 'first_response' ? policy.firstResponseSeconds : policy.resolutionSeconds,
    warnPercent: policy.warnPercent,
    calendarVersionId: calendar.versionId,
  }
}

/** What a clock is to be held against by the rules in force, and since when they say so. */
export interface TargetInForce {
  target: ClockTarget
  since: Date
}

/**
 * Edits that follow each other before the clock has followed the first are one edit, made when the last was.
 * Undefined where no policy matches: a clock keeps what it is held against then.
 */
export function targetInForce(
  configuration: Configuration,
  subject: PolicySubject,
  clock: Pick<ClockSnapshot, 'metric' | 'policyId'>,
): TargetInForce | undefined {
  const policy = matchPolicy(configuration.policies, subject)
  if (policy === undefined) return undefined
  const calendar = calendarOf(configuration, policy)
  // Another policy may match because the former one was edited.
  const former = configuration.policies.find((each) => each.id === clock.policyId)
  const edits = [policy.changedAt, calendar.changedAt, ...(former === undefined ? [] : [former.changedAt])]
  const since = new Date(Math.max(...edits.map((edit) => edit.getTime())))
  return { target: targetOf(policy, calendar, clock.metric), since }
}

/** The rules in force where they are not those that the clock is held against; a stopped one is held to its own. */
export function editedTarget(
  configuration: Configuration,
  subject: PolicySubject,
  clock: ClockTarget & Pick<ClockSnapshot, 'metric' | 'state'>,
): TargetInForce | undefined {
  if (clock.state === 'stopped') return undefined
  const wanted = targetInForce(configuration, subject, clock)
  return wanted === undefined || isSameTarget(wanted.target, clock) ? undefined : wanted
}

/** The clocks that a new ticket starts with: one a metric, or none where no policy matches. */
export function newClocks(
  configuration: Configuration,
  policy: PolicyRow | undefined,
  now: Date,
): NewClock[] {
  if (policy === undefined) return []
  const calendar = calendarOf(configuration, policy)
  return METRICS.map((metric) => {
    const target = targetOf(policy, calendar, metric)
    const { warnAt, dueAt } = deadlines(now, 0, target, calendar.businessTime)
    return {
      metric,
      policy_id: target.policyId,
      target_seconds: target.targetSeconds,
      warn_percent: target.warnPercent,
      calendar_version_id: target.calendarVersionId,
      warn_at: warnAt.toISOString(),
      due_at: dueAt.toISOString(),
    }
  })
}
