import { createBusinessTime } from '@servicedesk/core'
import t from 'tap'
import { callsPerSecond } from '../../src/calendars/measure-business-time.ts'
import { sampleCalendars, sampleInstants } from '../../src/calendars/sample.ts'

t.test('due dates are thirty working days away: about six weeks, holidays apart', async (t) => {
  const instants = sampleInstants(200, 1)
  for (const { name, rules, thirtyDaysMs } of sampleCalendars()) {
    const { add, between } = createBusinessTime(rules)
    const days = instants.map((from) => {
      const due = add(from, thirtyDaysMs)
      if (between(from, due) !== thirtyDaysMs) t.fail(`${name}, from ${from.toISOString()}`)
      return (due.getTime() - from.getTime()) / 86_400_000
    })
    t.ok(
      Math.min(...days) > 39 && Math.max(...days) < 50,
      `${name}: ${Math.min(...days)} to ${Math.max(...days)} days`,
    )
  }
})

t.test('instants lie anywhere in ten years, and are the same for the same seed', async (t) => {
  const instants = sampleInstants(1_000, 7)
  const text = (seed: number) => JSON.stringify(sampleInstants(1_000, seed))
  t.ok(text(7) === JSON.stringify(instants))
  t.ok(text(8) !== text(7))
  t.equal(new Set(instants.map((each) => each.getUTCFullYear())).size, 10)
})

t.test('every call counts, and one that finds nothing ends the measurement', async (t) => {
  let calls = 0
  const begun = performance.now()
  const rate = callsPerSecond(
    sampleInstants(100, 1),
    (from) => {
      calls += 1
      return from
    },
    20,
  )
  const seconds = (performance.now() - begun) / 1_000
  t.ok(rate >= (calls - 100) / seconds, 'all but the first round, in the time that they took')
  t.equal(calls % 100, 0)
  t.throws(() => callsPerSecond(sampleInstants(1, 1), () => new Date(Number.NaN), 1), /no instant/)
})
