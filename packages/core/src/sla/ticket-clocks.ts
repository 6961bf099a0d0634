import type { StatusClass, Tx } from '@servicedesk/db'
import { type Configuration, calendarOf, type PolicyRow } from '../config/configuration.ts'
import type { NewClock } from '../tickets/create-statement.ts'
import { recordBreaches } from './breach.ts'
import {
  AROUND_THE_CLOCK,
  applyPolicy,
  type ClockEvent,
  type ClockSnapshot,
  deadlines,
  owedBreach,
  pause,
  resume,
  stop,
} from './clock.ts'
import { lockClocks, saveClock } from './clocks.repo.ts'

/** The clocks that a new ticket starts with: one a metric, or none where no policy matches. */
export function newClocks(
  configuration: Configuration,
  policy: PolicyRow | undefined,
  now: Date,
): NewClock[] {
  if (policy === undefined) return []
  const { versionId, businessTime } = calendarOf(configuration, policy)
  const targets = {
    first_response: policy.firstResponseSeconds,
    resolution: policy.resolutionSeconds,
  } as const
  return (['first_response', 'resolution'] as const).map((metric) => {
    const target = { targetSeconds: targets[metric], warnPercent: policy.warnPercent }
    const { warnAt, dueAt } = deadlines(now, 0, target, businessTime)
    return {
      metric,
      policy_id: policy.id,
      target_seconds: target.targetSeconds,
      warn_percent: target.warnPercent,
      calendar_version_id: versionId,
      warn_at: warnAt.toISOString(),
      due_at: dueAt.toISOString(),
    }
  })
}

/** What happens to a ticket's clocks: its class changes, it is answered, or another policy applies. */
export type ClockChange =
  | { kind: 'status'; to: StatusClass }
  | { kind: 'answered' }
  | { kind: 'policy'; policy: PolicyRow }

/** The ticket as breaches mention it. */
export interface ClockTicket {
  id: number
  title: string
  priority: string
  assignedTo: number | null
}

/**
 * Applies a change to both clocks of a ticket whose row the caller has locked. Each clock is settled first: a
 * due time that has passed is recorded as a breach there, so that no ticket escapes between two sweeps.
 */
export async function changeClocks(
  tx: Tx,
  ticket: ClockTicket,
  change: ClockChange,
  now: Date,
): Promise<void> {
  const clocks = await settle(tx, ticket, await lockClocks(tx, ticket.id), now)
  for (const clock of clocks) {
    const [changed, events] = step(clock, change, now)
    if (events.length > 0) await saveClock(tx, changed, events)
    // A target made shorter may lie in the past now: that is a breach too, once.
    if (change.kind === 'policy') await settle(tx, ticket, [changed], now)
  }
}

async function settle(
  tx: Tx,
  ticket: ClockTicket,
  clocks: readonly ClockSnapshot[],
  now: Date,
): Promise<ClockSnapshot[]> {
  const settled = clocks.map((clock) => ({ clock, breach: owedBreach(clock, now) }))
  const due = settled.flatMap(({ clock, breach }) =>
    breach === null
      ? []
      : [{ ...dueOf(ticket), id: clock.id, metric: clock.metric, due_at: breach.toISOString() }],
  )
  await recordBreaches(tx, due, now)
  return settled.map(({ clock, breach }) => ({ ...clock, breachedAt: clock.breachedAt ?? breach }))
}

function dueOf(ticket: ClockTicket) {
  return {
    ticket_id: ticket.id,
    title: ticket.title,
    priority: ticket.priority,
    assigned_to: ticket.assignedTo,
  }
}

/** First response stops at an answer, at resolve and at close, and never pauses or restarts; resolution does. */
function step(clock: ClockSnapshot, change: ClockChange, now: Date): [ClockSnapshot, ClockEvent[]] {
  const calendar = AROUND_THE_CLOCK
  if (change.kind === 'policy') {
    if (clock.metric === 'first_response' && clock.state === 'stopped') return [clock, []]
    const { policy } = change
    const targetSeconds =
      clock.metric === 'first_response' ? policy.firstResponseSeconds : policy.resolutionSeconds
    return applyPolicy(
      clock,
      { policyId: policy.id, targetSeconds, warnPercent: policy.warnPercent },
      now,
      calendar,
    )
  }
  const isFirstResponse = clock.metric === 'first_response'
  if (change.kind === 'answered') return isFirstResponse ? stop(clock, now, calendar) : [clock, []]
  if (change.to === 'resolved' || change.to === 'closed') return stop(clock, now, calendar)
  if (isFirstResponse) return [clock, []]
  return change.to === 'pending' ? pause(clock, now, calendar) : resume(clock, now, calendar)
}
