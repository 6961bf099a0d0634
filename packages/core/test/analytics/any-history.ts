import { checkRandomDay, rollDays } from '@servicedesk/core'
import fc from 'fast-check'
import type { Test } from 'tap'
import { compareFigures } from './compare.ts'
import { DeskHistory, TARGETS } from './history.ts'

const HOUR = 3_600_000
const ZONES = [
  'UTC',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/New_York',
  'Europe/Berlin',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
]

type Step = (history: DeskHistory) => Promise<unknown>

const ticket = fc.nat(50)
const kind = fc.nat(11)
const steps: [weight: number, arbitrary: fc.Arbitrary<Step>][] = [
  [6, kind.map((which) => (history) => history.create(which))],
  [
    8,
    fc
      .record({
        n: ticket,
        to: fc.constantFrom('Open', 'In Progress', 'Pending', 'Resolved', 'Resolved', 'Closed'),
      })
      .map(
        ({ n, to }): Step =>
          (history) =>
            history.move(n, to),
      ),
  ],
  [
    4,
    fc.record({ n: ticket, to: fc.option(fc.nat(3)) }).map(
      ({ n, to }): Step =>
        (history) =>
          history.assign(n, to),
    ),
  ],
  [
    2,
    fc.record({ n: ticket, kind }).map(
      (each): Step =>
        (history) =>
          history.classify(each.n, each.kind),
    ),
  ],
  [
    1,
    ticket.map(
      (n): Step =>
        (history) =>
          history.remove(n),
    ),
  ],
  [
    1,
    ticket.map(
      (n): Step =>
        (history) =>
          history.toggle(n),
    ),
  ],
  [
    2,
    fc.record({ n: ticket, how: fc.nat(4), hours: fc.integer({ min: 1, max: 60 }) }).map(
      ({ n, how, hours }): Step =>
        (history) =>
          history.rewrite(n, how, hours),
    ),
  ],
  [2, fc.constant((history) => history.desk.sweep())],
  [2, fc.constant((history) => history.desk.assign())],
  [3, fc.constant((history) => rollDays(history.desk.db, 400))],
]

const step = fc.record({
  wait: fc.oneof(fc.integer({ min: 1, max: HOUR }), fc.integer({ min: 1, max: 12 * HOUR })),
  does: fc.oneof(...steps.map(([weight, arbitrary]) => ({ weight, arbitrary }))),
})

/** A period around the history, its ends on round local times or anywhere. */
const question = fc.record({
  from: fc.integer({ min: -30 * 24, max: 9 * 24 }),
  hours: fc.oneof(fc.integer({ min: 1, max: 72 }), fc.integer({ min: 1, max: 15 * 24 })),
  odd: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: HOUR })),
  bucket: fc.constantFrom('hour', 'day', 'week', 'month'),
  tz: fc.constantFrom(...ZONES),
})

/**
 * Plays random histories from `begin` on and asserts, again and again, that every figure is what an oracle makes of the
 * rows, whatever has been rolled up by then; and that no rolled day is found wrong.
 */
export async function anyHistory(
  t: Test,
  begin: number,
  { runs, length }: { runs: number; length: number },
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: length, maxLength: length }),
      fc.array(question, { minLength: 6, maxLength: 6 }),
      async (all, questions) => {
        const history = await DeskHistory.at(t, begin)
        const { desk } = history
        const every = Math.ceil(all.length / questions.length)
        for (const [index, { wait, does }] of all.entries()) {
          history.pass(wait)
          await does(history)
          const asked = questions[index / every]
          if (asked === undefined) continue
          const from = begin + asked.from * HOUR + asked.odd
          const hours = asked.bucket === 'hour' ? Math.min(asked.hours, 96) : asked.hours
          const to = from + hours * HOUR + (asked.odd % 7 === 0 ? 0 : asked.odd)
          await compareFigures(t, desk, history.supervisor, TARGETS, { ...asked, from, to })
        }
        const checked = await checkRandomDay(desk.db)
        t.equal(checked?.wrong ?? 0, 0, 'a rolled day is right')
        return t.passing()
      },
    ),
    { numRuns: runs, endOnFailure: true },
  )
}
