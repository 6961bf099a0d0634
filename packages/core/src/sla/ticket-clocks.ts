import type { StatusClass, Tx } from '@servicedesk/db'
import { businessTimes, type TimeOf } from '../calendars/business-times.ts'
import type { Configuration } from '../config/configuration.ts'
import { recordBreaches } from './breach.ts'
import { applyPolicy, type ClockEvent, type ClockSnapshot, owedBreach, pause, resume, stop } from './clock.ts'
import { type ChangedClock, lockClocks, saveClocks } from './clocks.repo.ts'
import type { PolicySubject } from './match-policy.ts'
import { startMissing } from './start-missing.ts'
import { editedTarget, targetInForce } from './targets.ts'

/** What happens to the clocks of tickets. */
export type ClockChange =
  /** The ticket's status is of another class. */
  | { kind: 'status'; to: StatusClass }
  /** Staff answered for the first time. */
  | { kind: 'answered' }
  /** The ticket's priority, category or team changed, from `before` to what the ticket says. */
  | { kind: 'classified'; before: PolicySubject }
  /** Policies or calendars were edited. */
  | { kind: 'edited' }

/** A ticket as its clocks need it, and as breaches mention it. */
export interface ClockTicket extends PolicySubject {
  id: number
  statusClass: StatusClass
  title: string
  priority: string
  assignedTo: number | null
}

interface Context {
  tx: Tx
  configuration: Configuration
  tickets: ReadonlyMap<number, ClockTicket>
  timeOf: TimeOf
  now: Date
}

/** What a clock becomes, with what is written to its log; without events it stays as it is. */
type Step = (clock: ClockSnapshot, ticket: ClockTicket) => [ClockSnapshot, ClockEvent[]]

/**
 * Applies a change to the clocks of tickets whose rows the caller has locked.
 *
 * Each clock first follows the edits of policies and calendars that it does not know of, as of the instant of the edit,
 * and is settled: a due time that has passed is recorded as a breach there, so that no ticket escapes between two sweeps.
 */
export async function changeClocks(
  tx: Tx,
  configuration: Configuration,
  tickets: ClockTicket | readonly ClockTicket[],
  change: ClockChange,
  now: Date,
): Promise<void> {
  const of = new Map([tickets].flat().map((ticket) => [ticket.id, ticket]))
  const locked = await lockClocks(tx, [...of.keys()])
  if (change.kind === 'classified' || change.kind === 'edited') {
    // No policy matched when they were created, and one may do now.
    const without = [...of.values()].filter(({ id }) => !locked.some((clock) => clock.ticketId === id))
    await startMissing(tx, configuration, without, now)
  }
  const timeOf = await businessTimes(
    tx,
    configuration,
    locked.map((clock) => clock.calendarVersionId),
  )
  const context = { tx, configuration, tickets: of, timeOf, now }
  const before = change.kind === 'classified' ? change.before : undefined
  const settled = await settle(context, await followEdits(context, locked, before), () => now)
  if (change.kind === 'edited') return
  const changed = await takeStep(context, settled, stepOf(context, change))
  // A target made shorter may lie in the past now: that is a breach too, once.
  await settle(context, changed, () => now)
}

/** Clocks take the rules that were edited since they last changed; what was due before the edit is breached. */
async function followEdits(
  context: Context,
  clocks: readonly ClockSnapshot[],
  subject: PolicySubject | undefined,
): Promise<ClockSnapshot[]> {
  const { configuration, tickets, timeOf, now } = context
  const edits = new Map<number, { at: Date; edited: NonNullable<ReturnType<typeof editedTarget>> }>()
  for (const clock of clocks) {
    const ticket = subject ?? tickets.get(clock.ticketId)
    const edited = ticket === undefined ? undefined : editedTarget(configuration, ticket, clock)
    if (edited !== undefined) edits.set(clock.id, { edited, at: atOrAfter(clock, edited.since, now) })
  }
  if (edits.size === 0) return [...clocks]
  const settled = await settle(context, clocks, (clock) => edits.get(clock.id)?.at)
  return takeStep(context, settled, (clock) => {
    const edit = edits.get(clock.id)
    if (edit === undefined) return [clock, []]
    const { target } = edit.edited
    return applyPolicy(
      clock,
      target,
      edit.at,
      timeOf(target.calendarVersionId),
      timeOf(clock.calendarVersionId),
    )
  })
}

/** When an edit reaches a clock: when it was made, but not in the future, and never before the clock's own last change. */
function atOrAfter(clock: ClockSnapshot, edit: Date, now: Date): Date {
  const last = clock.runningSince ?? clock.pausedAt ?? edit
  return new Date(Math.max(last.getTime(), Math.min(edit.getTime(), now.getTime())))
}

async function takeStep(
  { tx, tickets }: Context,
  clocks: readonly ClockSnapshot[],
  step: Step,
): Promise<ClockSnapshot[]> {
  const changed: ChangedClock[] = []
  const after = clocks.map((clock) => {
    const ticket = tickets.get(clock.ticketId)
    const [next, events] = ticket === undefined ? [clock, []] : step(clock, ticket)
    if (events.length > 0) changed.push({ clock: next, events })
    return next
  })
  await saveClocks(tx, changed)
  return after
}

/** Records what was due by then. */
async function settle(
  { tx, now }: Context,
  clocks: readonly ClockSnapshot[],
  until: (clock: ClockSnapshot) => Date | undefined,
): Promise<ClockSnapshot[]> {
  const due = clocks.flatMap((clock) => {
    const instant = until(clock)
    const breach = instant === undefined ? null : owedBreach(clock, instant)
    return breach === null ? [] : [{ clock, breach }]
  })
  await recordBreaches(
    tx,
    due.map(({ clock }) => clock.id),
    now,
  )
  const breaches = new Map(due.map(({ clock, breach }) => [clock.id, breach]))
  return clocks.map((clock) => ({ ...clock, breachedAt: clock.breachedAt ?? breaches.get(clock.id) ?? null }))
}

/** First response stops at an answer, at resolve and at close, and never pauses or restarts; resolution does. */
function stepOf({ configuration, timeOf, now }: Context, change: ClockChange): Step {
  const held: Step = (clock, ticket) => {
    const wanted = targetInForce(configuration, ticket, clock)
    if (wanted === undefined) return [clock, []]
    const { target } = wanted
    return applyPolicy(clock, target, now, timeOf(target.calendarVersionId), timeOf(clock.calendarVersionId))
  }
  return (clock, ticket) => {
    const time = timeOf(clock.calendarVersionId)
    const isFirstResponse = clock.metric === 'first_response'
    if (change.kind === 'classified') return held(clock, ticket)
    if (change.kind === 'answered') return isFirstResponse ? stop(clock, now, time) : [clock, []]
    if (change.kind !== 'status') return [clock, []]
    if (change.to === 'resolved' || change.to === 'closed') return stop(clock, now, time)
    if (isFirstResponse) return [clock, []]
    if (change.to === 'pending') return clock.state === 'stopped' ? reopen(pause) : pause(clock, now, time)
    if (clock.state !== 'stopped') return resume(clock, now, time)
    return reopen()

    /** What was edited while the clock stood still holds from now on. */
    function reopen(then?: typeof pause): [ClockSnapshot, ClockEvent[]] {
      const [resumed, first] = resume(clock, now, time)
      const [moved, second] = held(resumed, ticket)
      const [last, third] = then?.(moved, now, timeOf(moved.calendarVersionId)) ?? [moved, []]
      return [last, [...first, ...second, ...third]]
    }
  }
}
