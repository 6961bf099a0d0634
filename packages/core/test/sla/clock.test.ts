import {
  AROUND_THE_CLOCK,
  applyPolicy,
  type ClockSnapshot,
  deadlines,
  elapsedAt,
  owedBreach,
  pause,
  resume,
  stop,
} from '@servicedesk/core'
import fc from 'fast-check'
import t from 'tap'

const START = Date.UTC(2026, 0, 5, 8)
const at = (ms: number) => new Date(START + ms)

function started(targetSeconds: number, warnPercent = 80): ClockSnapshot {
  const from = at(0)
  return {
    id: 1,
    ticketId: 1001,
    metric: 'resolution',
    policyId: 1,
    targetSeconds,
    warnPercent,
    calendarVersionId: 1,
    state: 'running',
    elapsedMs: 0,
    runningSince: from,
    ...deadlines(from, 0, { targetSeconds, warnPercent }, AROUND_THE_CLOCK),
    pausedAt: null,
    warnedAt: null,
    breachedAt: null,
    stoppedAt: null,
  }
}

type Step =
  | { kind: 'pause' | 'resume' | 'stop'; after: number }
  | { kind: 'policy'; after: number; target: number }

const step = fc.oneof(
  fc.record({ kind: fc.constantFrom('pause', 'resume', 'stop'), after: fc.nat(5_000_000) }),
  fc.record({
    kind: fc.constant('policy'),
    after: fc.nat(5_000_000),
    target: fc.integer({ min: 1, max: 9_999 }),
  }),
) as fc.Arbitrary<Step>

function play(clock: ClockSnapshot, change: Step, now: Date): ClockSnapshot {
  if (change.kind === 'pause') return pause(clock, now, AROUND_THE_CLOCK)[0]
  if (change.kind === 'resume') return resume(clock, now, AROUND_THE_CLOCK)[0]
  if (change.kind !== 'policy') return stop(clock, now, AROUND_THE_CLOCK)[0]
  const target = {
    policyId: change.target + 1,
    targetSeconds: change.target,
    warnPercent: 50,
    calendarVersionId: 1,
  }
  return applyPolicy(clock, target, now, AROUND_THE_CLOCK, AROUND_THE_CLOCK)[0]
}

/** The slow and obvious way: remembers every interval in which it ran, and sums them. */
function oracle(steps: readonly Step[], first: number) {
  const ran: { from: number; to: number }[] = []
  let since: number | null = 0
  let now = 0
  let target = first
  let isStopped = false
  for (const each of steps) {
    now += each.after
    if (each.kind === 'policy') {
      if (!isStopped) target = each.target
      continue
    }
    if (each.kind === 'resume') isStopped = false
    if (each.kind === 'stop') isStopped = true
    if (each.kind === 'resume') since ??= now
    else if (since !== null) {
      ran.push({ from: since, to: now })
      since = null
    }
  }
  if (since !== null) ran.push({ from: since, to: now })
  return {
    now,
    target,
    isRunning: since !== null,
    elapsed: ran.reduce((sum, each) => sum + each.to - each.from, 0),
  }
}

t.test(
  'any history: elapsed is the sum of the spans in which it ran, and due is what is left of the target',
  async () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999 }), fc.array(step, { maxLength: 20 }), (target, steps) => {
        let now = 0
        let clock = started(target)
        for (const each of steps) {
          now += each.after
          clock = play(clock, each, at(now))
        }
        const expected = oracle(steps, target)
        const targetMs = expected.target * 1_000
        if (elapsedAt(clock, at(now), AROUND_THE_CLOCK) !== expected.elapsed) return false
        if ((clock.state === 'running') !== expected.isRunning) return false
        if (!expected.isRunning) return clock.runningSince === null
        // Due time is the inverse of elapsed time: running on until then would reach the target exactly.
        const dueAt = clock.dueAt!
        const left = targetMs - elapsedAt(clock, dueAt, AROUND_THE_CLOCK)
        return left === 0 || (left < 0 && dueAt.getTime() <= START + now)
      }),
      { numRuns: 2_000 },
    )
  },
)

t.test('any history: the breach owed is the first instant at which the target was used up', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99 }), fc.nat(200_000), (target, wait) => {
      const breach = owedBreach(started(target), at(wait))
      return wait >= target * 1_000 ? breach?.getTime() === at(target * 1_000).getTime() : breach === null
    }),
    { numRuns: 500 },
  )
})

t.test('only a running clock without a breach owes one', async (t) => {
  const clock = started(60)
  const late = at(60_000)
  t.strictSame(owedBreach(clock, late), late)
  t.equal(owedBreach(clock, at(59_999)), null)
  t.equal(owedBreach({ ...clock, breachedAt: late }, late), null)
  t.equal(owedBreach(pause(clock, at(1), AROUND_THE_CLOCK)[0], late), null)
  t.equal(owedBreach(stop(clock, at(1), AROUND_THE_CLOCK)[0], late), null)
})

t.test('a change that changes nothing writes no event', async (t) => {
  const clock = started(60)
  const paused = pause(clock, at(5), AROUND_THE_CLOCK)
  const stopped = stop(clock, at(5), AROUND_THE_CLOCK)
  t.match(paused[1], [{ type: 'pause', at: at(5) }])
  t.strictSame(pause(paused[0], at(9), AROUND_THE_CLOCK), [paused[0], []])
  t.strictSame(resume(clock, at(9), AROUND_THE_CLOCK), [clock, []])
  t.strictSame(stop(stopped[0], at(9), AROUND_THE_CLOCK), [stopped[0], []])
  const same = { policyId: 1, targetSeconds: 60, warnPercent: 80, calendarVersionId: 1 }
  t.strictSame(applyPolicy(clock, same, at(9), AROUND_THE_CLOCK, AROUND_THE_CLOCK), [clock, []])
  const other = { ...same, targetSeconds: 61 }
  t.strictSame(applyPolicy(stopped[0], other, at(9), AROUND_THE_CLOCK, AROUND_THE_CLOCK), [stopped[0], []])
})

t.test('it warns at its share of the target, also after a pause', async (t) => {
  t.strictSame(started(100, 80).warnAt, at(80_000))
  const [paused] = pause(started(100, 80), at(30_000), AROUND_THE_CLOCK)
  t.match(paused, { warnAt: null, dueAt: null, elapsedMs: 30_000 })
  const [resumed] = resume(paused, at(1_000_000), AROUND_THE_CLOCK)
  t.strictSame(resumed.warnAt, at(1_050_000))
  t.strictSame(resumed.dueAt, at(1_070_000))
})
