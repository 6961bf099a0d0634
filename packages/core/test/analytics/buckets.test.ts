import fc from 'fast-check'
import t from 'tap'
import { bucketStart, cutPeriod } from '../../src/analytics/buckets.ts'
import { createZones, instantOf, resolvePeriod } from '../../src/analytics/period.ts'
import { walkBuckets } from './local-time.ts'

const DAY = 86_400_000
const zoneOf = createZones()
const ZONES = [
  'UTC',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Asia/Beirut',
  'Pacific/Chatham',
  'America/St_Johns',
]

function cut(from: number | string, to: number | string, unit: string, tz: string) {
  const period = { from: new Date(from), to: new Date(to) }
  return cutPeriod(period, unit, zoneOf(tz)).map(({ start, end, label }) => ({
    start: start.getTime(),
    end: end.getTime(),
    label,
  }))
}

t.test('any period is cut where walking through it finds the clock to say something else', async (t) => {
  const year = [Date.parse('2026-01-01T00:00:00Z'), Date.parse('2027-01-01T00:00:00Z')] as const
  fc.assert(
    fc.property(
      fc.integer({ min: year[0], max: year[1] }),
      fc.integer({ min: 1, max: 12 * DAY }),
      fc.constantFrom('hour', 'day', 'week', 'month'),
      fc.constantFrom(...ZONES),
      (from, length, unit, tz) => {
        const to = from + length
        t.same(cut(from, to, unit, tz), walkBuckets(from, to, unit, tz), `${from} ${to} ${unit} ${tz}`)
        return t.passing()
      },
    ),
    { numRuns: 40, endOnFailure: true },
  )
})

t.test('a day in which the clocks change has 23 or 25 hours, each told apart', async (t) => {
  const spring = cut('2026-03-08T05:00Z', '2026-03-09T04:00Z', 'hour', 'America/New_York')
  t.equal(spring.length, 23)
  t.same(
    spring.slice(1, 3).map(({ label }) => label),
    ['2026-03-08T01:00-05:00', '2026-03-08T03:00-04:00'],
  )
  const autumn = cut('2026-11-01T04:00Z', '2026-11-02T05:00Z', 'hour', 'America/New_York')
  t.equal(autumn.length, 25)
  t.same(
    autumn.slice(1, 3).map(({ label }) => label),
    ['2026-11-01T01:00-04:00', '2026-11-01T01:00-05:00'],
  )
  const [day] = cut('2026-11-01T04:00Z', '2026-11-02T05:00Z', 'day', 'America/New_York')
  t.equal(day!.end - day!.start, 25 * 3_600_000)
})

t.test('days that are skipped, and clocks that are turned back across midnight', async (t) => {
  // Samoa went from the 29th to the 31st.
  t.same(
    cut('2011-12-29T10:00Z', '2011-12-31T10:00Z', 'day', 'Pacific/Apia').map(({ label }) => label),
    ['2011-12-29', '2011-12-31'],
  )
  // At one minute past midnight Newfoundland's clocks went back to 23:01: the 7th had begun and goes on.
  const days = cut('2010-11-06T12:00Z', '2010-11-07T12:00Z', 'day', 'America/St_Johns')
  t.same(
    days.map(({ label }) => label),
    ['2010-11-06', '2010-11-07'],
  )
  t.equal(new Date(days[1]!.start).toISOString(), '2010-11-07T02:30:00.000Z')
})

t.test('what is no unit, and more buckets than anybody reads', async (t) => {
  const bad = { name: 'DomainError', message: /^bucket: / }
  for (const unit of ['', 'year', 'Day', 'constructor'])
    t.throws(() => cut('2026-01-01', '2026-01-02', unit, 'UTC'), bad, unit)
  t.equal(cut('2026-01-01', '2028-09-27', 'day', 'UTC').length, 1_000)
  t.throws(() => cut('2026-01-01', '2028-09-28', 'day', 'UTC'), bad)
  t.throws(() => cut('0001-01-01', '9999-12-30', 'hour', 'UTC'), bad)
})

t.test('the beginning of a bucket', async (t) => {
  const start = (at: string, unit: string, tz: string) =>
    bucketStart(new Date(at), unit, zoneOf(tz)).toISOString()
  t.equal(start('2026-11-22T06:59:00Z', 'hour', 'Asia/Kathmandu'), '2026-11-22T06:15:00.000Z')
  t.equal(start('2026-11-22T06:59:00Z', 'day', 'Asia/Kathmandu'), '2026-11-21T18:15:00.000Z')
  t.equal(start('2026-11-22T06:59:00Z', 'week', 'UTC'), '2026-11-16T00:00:00.000Z')
  t.equal(start('2026-03-31T22:00:00Z', 'month', 'Europe/Berlin'), '2026-03-31T22:00:00.000Z')
  t.equal(start('2026-03-31T21:59:59Z', 'month', 'Europe/Berlin'), '2026-02-28T23:00:00.000Z')
  t.equal(start('0050-03-31T21:59:59Z', 'month', 'UTC'), '0050-03-01T00:00:00.000Z', 'of a year below 100')
})

t.test(
  'a reading of the clock is the instant at which it is read: the first of two, or the change that skips it',
  async (t) => {
    const at = (reading: string, tz: string) =>
      new Date(instantOf(Date.parse(`${reading}Z`), zoneOf(tz).offsetAt)).toISOString()
    t.equal(at('2026-11-01T01:30', 'America/New_York'), '2026-11-01T05:30:00.000Z')
    t.equal(at('2026-03-08T02:30', 'America/New_York'), '2026-03-08T07:30:00.000Z')
    t.equal(at('2026-06-01T00:00', 'Asia/Kathmandu'), '2026-05-31T18:15:00.000Z')
    t.equal(at('2011-12-30T00:00', 'Pacific/Apia'), '2011-12-30T10:00:00.000Z')
  },
)

t.test('periods without an end are the last 30 days, or until now', async (t) => {
  const now = new Date('2026-11-22T06:00:00Z')
  const period = (query: object) => resolvePeriod(query, zoneOf('Europe/Berlin'), now)
  t.same(period({}), { from: new Date('2026-10-23T06:00:00Z'), to: now })
  t.same(period({ from: '2026-11-22' }), { from: new Date('2026-11-21T23:00:00Z'), to: now })
  t.same(period({ to: '2026-11-22T00:00Z' }).from, new Date('2026-10-23T00:00:00Z'))
  for (const [path, query] of [
    ['from', { from: '2026-11-23' }],
    ['to', { from: '2026-11-02', to: '2026-11-02' }],
    ['to', { from: '2026-11-02', to: '2026-11-01' }],
    ['from', { from: '2026-02-30' }],
    ['to', { to: 'yesterday' }],
    ['to', { to: '9999-12-31T23:59-12:00' }],
    ['from', { from: '0000-01-01' }],
  ] as const)
    t.throws(
      () => period(query),
      { name: 'DomainError', message: new RegExp(`^${path}: `) },
      JSON.stringify(query),
    )
  for (const tz of ['Mars/Base', '+05:30', '', ' UTC', 'Europe/Berlin\u0000', '__proto__'])
    t.throws(() => zoneOf(tz), { name: 'DomainError', message: /^tz: / }, tz)
})
