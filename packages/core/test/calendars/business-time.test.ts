import fc from 'fast-check'
import t from 'tap'
import { createBusinessTime } from '../../src/calendars/business-time.ts'
import type { CalendarRules } from '../../src/calendars/rules.ts'
import { oracle } from './oracle.ts'

const DAY_MS = 86_400_000
const at = (text: string) => Date.parse(text)

/** Zones with odd clocks, and moments at which they did something odd. */
const MOMENTS = [
  ['America/New_York', at('2026-03-08T07:00:00Z')],
  ['America/New_York', at('2026-11-01T06:00:00Z')],
  ['Europe/London', at('2026-03-29T01:00:00Z')],
  ['Europe/London', at('2025-12-31T23:00:00Z')],
  ['Australia/Lord_Howe', at('2026-04-04T15:00:00Z')],
  ['Australia/Lord_Howe', at('2026-10-03T15:30:00Z')],
  ['Asia/Kathmandu', at('2026-01-01T00:00:00Z')],
  // The 30th of December 2011 never came.
  ['Pacific/Apia', at('2011-12-30T10:00:00Z')],
  // Midnight was skipped.
  ['America/Sao_Paulo', at('2018-11-04T03:00:00Z')],
  ['America/Sao_Paulo', at('2018-02-18T02:00:00Z')],
  // Off summer time for Ramadan, and on again.
  ['Africa/Casablanca', at('2026-02-15T02:00:00Z')],
  ['Africa/Casablanca', at('2026-03-22T02:00:00Z')],
] as const

const interval = fc.record({
  weekday: fc.integer({ min: 1, max: 7 }),
  startMinute: fc.oneof(fc.integer({ min: 0, max: 1_439 }), fc.constantFrom(0, 60, 120, 540, 1_380)),
  endMinute: fc.oneof(fc.integer({ min: 0, max: 1_440 }), fc.constantFrom(0, 60, 180, 1_050, 1_440)),
})
const moment = fc.constantFrom(...MOMENTS)
/** A calendar near one of its zone's odd moments, and instants of whole milliseconds around that. */
const situation = moment.chain(([timeZone, around]) => {
  const near = (days: number) =>
    fc.integer({ min: -days * DAY_MS, max: days * DAY_MS }).map((ms) => around + ms)
  const date = near(4).map((instant) => new Date(instant).toISOString().slice(0, 10))
  return fc.record({
    rules: fc.record({
      timeZone: fc.constant(timeZone),
      intervals: fc.array(interval, { minLength: 1, maxLength: 6 }),
      holidays: fc.array(date, { maxLength: 3 }),
    }),
    from: near(3),
    to: near(3),
    ms: fc.oneof(
      fc.nat(2 * DAY_MS),
      fc.nat(10_000),
      fc.nat(60).map((hours) => hours * 3_600_000),
    ),
  })
})

t.test('time between two instants is what the rule says, minute by minute', async () => {
  fc.assert(
    fc.property(situation, ({ rules, from, to }) => {
      const expected = oracle(rules).between(from, to)
      const actual = createBusinessTime(rules).between(new Date(from), new Date(to))
      return actual === expected
    }),
    { numRuns: 30 },
  )
})

t.test('the instant so much later is the earliest that the rule allows', async () => {
  fc.assert(
    fc.property(situation, ({ rules, from, ms }) => {
      const expected = oracle(rules).add(from, ms, from + 9 * DAY_MS)
      if (expected === undefined) return true
      return createBusinessTime(rules).add(new Date(from), ms).getTime() === expected
    }),
    { numRuns: 30 },
  )
})

t.test('adding and counting are inverse to each other, over years', async () => {
  fc.assert(
    fc.property(situation, fc.nat(400 * DAY_MS), ({ rules, from }, ms) => {
      const calendar = createBusinessTime(rules)
      const start = new Date(from)
      if (calendar.between(start, new Date(from + 14 * DAY_MS)) === 0) return true
      const due = calendar.add(start, ms)
      // Earliest: a moment before it, less has passed.
      const sooner = ms === 0 || calendar.between(start, new Date(due.getTime() - 1)) === ms - 1
      return calendar.between(start, due) === ms && sooner
    }),
    { numRuns: 30 },
  )
})

t.test('known days', async (t) => {
  const office = (timeZone: string, more: Partial<CalendarRules> = {}): CalendarRules => ({
    timeZone,
    intervals: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, startMinute: 540, endMinute: 1_050 })),
    holidays: [],
    ...more,
  })
  const add = (rules: CalendarRules, from: string, hours: number) =>
    createBusinessTime(rules)
      .add(new Date(from), hours * 3_600_000)
      .toISOString()
  t.equal(
    add(office('Europe/London'), '2026-03-27T16:30:00Z', 2),
    '2026-03-30T09:00:00.000Z',
    'over a change to summer time',
  )
  t.equal(
    add(office('Europe/London'), '2026-03-27T16:30:00Z', 1),
    '2026-03-27T17:30:00.000Z',
    'the end serves, not Monday',
  )
  t.equal(
    add(office('Europe/London', { holidays: ['2026-12-25', '2026-12-28'] }), '2026-12-24T17:00:00Z', 1),
    '2026-12-29T09:30:00.000Z',
  )
  const nights = office('America/New_York', {
    intervals: [{ weekday: 6, startMinute: 1_320, endMinute: 360 }],
  })
  t.equal(
    createBusinessTime(nights).between(new Date('2026-03-07T00:00:00Z'), new Date('2026-03-09T00:00:00Z')),
    7 * 3_600_000,
    'an hour is skipped',
  )
  t.equal(
    createBusinessTime(nights).between(new Date('2026-10-31T00:00:00Z'), new Date('2026-11-02T00:00:00Z')),
    9 * 3_600_000,
    'an hour comes twice',
  )
})

t.test('what cannot be counted is said', async (t) => {
  const none = { timeZone: 'UTC', intervals: [], holidays: [] }
  t.throws(() => createBusinessTime({ ...none, timeZone: 'Mars/Olympus' }), RangeError)
  t.throws(() => createBusinessTime(none).add(new Date(), 1), { message: 'The calendar has no working time' })
  const now = new Date()
  t.equal(createBusinessTime(none).add(now, 0), now)
  t.equal(createBusinessTime(none).between(now, new Date(now.getTime() - 5)), 0)
})
