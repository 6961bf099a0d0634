import type { ClockState, Metric } from '@servicedesk/db'

/** What a clock is held against. */
export interface ClockTarget {
  policyId: number
  targetSeconds: number
  warnPercent: number
  /** The version of a calendar that counts the running span. */
  calendarVersionId: number
}

/** A clock's cached state; instants in milliseconds since 1970 are not used here, dates are. */
export interface ClockSnapshot extends ClockTarget {
  id: number
  ticketId: number
  metric: Metric
  state: ClockState
  /** Business milliseconds that passed before `runningSince`. */
  elapsedMs: number
  runningSince: Date | null
  warnAt: Date | null
  dueAt: Date | null
  pausedAt: Date | null
  warnedAt: Date | null
  breachedAt: Date | null
  stoppedAt: Date | null
}

export type ClockEventType = 'start' | 'pause' | 'resume' | 'stop' | 'apply_policy' | 'warn' | 'breach'

export interface ClockEvent {
  type: ClockEventType
  at: Date
  data?: Record<string, unknown>
}

/** How a calendar counts: business milliseconds between instants, and the instant that many later. */
export interface BusinessTime {
  between(from: Date, to: Date): number
  add(from: Date, ms: number): Date
}

/** The calendar in which every second counts. */
export const AROUND_THE_CLOCK: BusinessTime = {
  between: (from, to) => Math.max(0, to.getTime() - from.getTime()),
  add: (from, ms) => new Date(from.getTime() + ms),
}

/** Business milliseconds on the clock at `now`. */
export function elapsedAt(clock: ClockSnapshot, now: Date, calendar: BusinessTime): number {
  return clock.elapsedMs + (clock.runningSince === null ? 0 : calendar.between(clock.runningSince, now))
}

/**
 * When a running clock warns and when it is due. With nothing left it is due at the instant the target was
 * reached, which for a target made shorter afterwards is `since`.
 */
export function deadlines(
  since: Date,
  elapsedMs: number,
  target: { targetSeconds: number; warnPercent: number },
  calendar: BusinessTime,
): { warnAt: Date; dueAt: Date } {
  const targetMs = target.targetSeconds * 1_000
  return {
    warnAt: calendar.add(since, Math.max(0, (targetMs * target.warnPercent) / 100 - elapsedMs)),
    dueAt: calendar.add(since, Math.max(0, targetMs - elapsedMs)),
  }
}

/**
 * A clock that runs from `since` on with so much on it. A warning that was given is taken back when the share of the
 * target at which it is given lies ahead again: there is time now, and it will be given then.
 */
function run(clock: ClockSnapshot, since: Date, elapsedMs: number, calendar: BusinessTime): ClockSnapshot {
  const { warnAt, dueAt } = deadlines(since, elapsedMs, clock, calendar)
  const warnedAt = warnAt > since ? null : clock.warnedAt
  const running = { state: 'running', runningSince: since, pausedAt: null, stoppedAt: null } as const
  return { ...clock, ...running, elapsedMs, warnAt, dueAt, warnedAt }
}

/** The breach that a change must record first: due at or before `now` and not recorded yet (design.md, "settles"). */
export function owedBreach(clock: ClockSnapshot, now: Date): Date | null {
  const isOwed =
    clock.state === 'running' && clock.breachedAt === null && clock.dueAt !== null && clock.dueAt <= now
  return isOwed ? clock.dueAt : null
}

/** Pauses a running clock; any other is left as it is. */
export function pause(
  clock: ClockSnapshot,
  now: Date,
  calendar: BusinessTime,
): [ClockSnapshot, ClockEvent[]] {
  if (clock.state !== 'running') return [clock, []]
  const elapsedMs = elapsedAt(clock, now, calendar)
  return [
    { ...clock, state: 'paused', elapsedMs, runningSince: null, warnAt: null, dueAt: null, pausedAt: now },
    [{ type: 'pause', at: now }],
  ]
}

/**
 * Resumes a paused or stopped clock with its elapsed time kept and nothing for the span between.
 * @param calendar that of the clock, as for all of these
 */
export function resume(
  clock: ClockSnapshot,
  now: Date,
  calendar: BusinessTime,
): [ClockSnapshot, ClockEvent[]] {
  if (clock.state === 'running') return [clock, []]
  return [run(clock, now, clock.elapsedMs, calendar), [{ type: 'resume', at: now }]]
}

/** Stops a clock for good (first response) or until the ticket is reopened (resolution). */
export function stop(clock: ClockSnapshot, now: Date, calendar: BusinessTime): [ClockSnapshot, ClockEvent[]] {
  if (clock.state === 'stopped') return [clock, []]
  return [
    {
      ...clock,
      elapsedMs: elapsedAt(clock, now, calendar),
      state: 'stopped',
      runningSince: null,
      warnAt: null,
      // `dueAt` of a stopped clock stays readable: it says what was promised.
      pausedAt: null,
      stoppedAt: now,
    },
    [{ type: 'stop', at: now }],
  ]
}

/**
 * Another policy, target or calendar: elapsed time is kept and the due time moves; a recorded breach stays. A stopped
 * clock keeps what it was held against.
 * @param calendar counts from `now` on; `counted` did until then
 */
export function applyPolicy(
  clock: ClockSnapshot,
  target: ClockTarget,
  now: Date,
  calendar: BusinessTime,
  counted: BusinessTime,
): [ClockSnapshot, ClockEvent[]] {
  if (clock.state === 'stopped' || isSameTarget(clock, target)) return [clock, []]
  const { policyId, targetSeconds, warnPercent, calendarVersionId } = target
  const moved = { ...clock, policyId, targetSeconds, warnPercent, calendarVersionId }
  const event: ClockEvent = { type: 'apply_policy', at: now, data: targetData(target) }
  if (clock.state !== 'running') return [moved, [event]]
  return [run(moved, now, elapsedAt(clock, now, counted), calendar), [event]]
}

export function isSameTarget(a: ClockTarget, b: ClockTarget): boolean {
  return (
    a.policyId === b.policyId &&
    a.targetSeconds === b.targetSeconds &&
    a.warnPercent === b.warnPercent &&
    a.calendarVersionId === b.calendarVersionId
  )
}

/** A target as the log keeps it, for `start` and `apply_policy`. */
export function targetData(target: ClockTarget) {
  return {
    policy_id: target.policyId,
    target_seconds: target.targetSeconds,
    warn_percent: target.warnPercent,
    calendar_version_id: target.calendarVersionId,
  }
}
