import type { Metric } from '@servicedesk/db'
import {
  applyPolicy,
  type BusinessTime,
  type ClockEvent,
  type ClockSnapshot,
  type ClockTarget,
  deadlines,
  pause,
  resume,
  stop,
} from './clock.ts'

/**
 * Rebuilds a clock from its log, in order, to the state that the row caches (design.md, SLA).
 * @param timeOf the business time of a calendar's version
 * @throws Error for a log that does not begin with a start
 */
export function replayClock(
  clock: { id: number; ticketId: number; metric: Metric },
  log: readonly ClockEvent[],
  timeOf: (calendarVersionId: number) => BusinessTime,
): ClockSnapshot {
  const [first, ...rest] = log
  if (first?.type !== 'start') throw new Error(`the log of clock ${clock.id} has no start`)
  return rest.reduce((state, event) => after(state, event, timeOf), started(clock, first, timeOf))
}

function started(
  clock: Pick<ClockSnapshot, 'id' | 'ticketId' | 'metric'>,
  { at, data }: ClockEvent,
  timeOf: (calendarVersionId: number) => BusinessTime,
): ClockSnapshot {
  const target = targetFrom(data)
  return {
    ...clock,
    ...target,
    ...deadlines(at, 0, target, timeOf(target.calendarVersionId)),
    state: 'running',
    elapsedMs: 0,
    runningSince: at,
    pausedAt: null,
    warnedAt: null,
    breachedAt: null,
    stoppedAt: null,
  }
}

function after(
  clock: ClockSnapshot,
  { type, at, data }: ClockEvent,
  timeOf: (calendarVersionId: number) => BusinessTime,
): ClockSnapshot {
  const time = timeOf(clock.calendarVersionId)
  if (type === 'warn') return { ...clock, warnedAt: at }
  if (type === 'breach') return { ...clock, breachedAt: at }
  if (type === 'pause') return pause(clock, at, time)[0]
  if (type === 'resume') return resume(clock, at, time)[0]
  if (type === 'stop') return stop(clock, at, time)[0]
  const target = targetFrom(data)
  return applyPolicy(clock, target, at, timeOf(target.calendarVersionId), time)[0]
}

function targetFrom(data: ClockEvent['data'] = {}): ClockTarget {
  return {
    policyId: Number(data.policy_id),
    targetSeconds: Number(data.target_seconds),
    warnPercent: Number(data.warn_percent),
    calendarVersionId: Number(data.calendar_version_id),
  }
}
