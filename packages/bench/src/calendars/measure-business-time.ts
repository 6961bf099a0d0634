import { type CalendarRules, createBusinessTime } from '@servicedesk/core'
import type { Figure } from '../framework/figure.ts'
import { quantile } from '../framework/quantile.ts'
import { inTurns, repeat } from '../framework/rounds.ts'
import { type SampleCalendar, sampleCalendars, sampleInstants } from './sample.ts'

/** Due dates a second, on one core, that a desk's calendars must give (issue 4). */
export const TARGET = 200_000
const INSTANTS = 100_000
const ROUND_MS = 300
const FIRST_USES = 40
/** As many as a calendar with two intervals a day has spans in a year. */
const FLOOR_SPANS = 522

/**
 * How fast due dates 30 working days away are found, against one bisection of as many numbers and the making of a Date,
 * which the least lookup needs; and what a calendar's first use costs, when it lays out its years.
 */
export async function measureBusinessTime({ rounds }: { rounds: number }): Promise<Figure[]> {
  const instants = sampleInstants(INSTANTS, 4)
  const figures: Figure[] = []
  for (const calendar of sampleCalendars()) {
    const values = await inTurns(
      rounds,
      async () => callsPerSecond(instants, bisect()),
      async () => callsPerSecond(instants, addThirtyDays(calendar)),
    )
    figures.push({
      name: `due date, ${calendar.name}`,
      unit: '/s',
      better: 'more',
      rounds: values.product,
      floor: { name: 'one bisection', rounds: values.floor },
      targets: [{ of: 'value', is: TARGET }],
    })
  }
  for (const { name, rules } of sampleCalendars()) {
    const firsts = await repeat(rounds, async () => quantile(firstUses(rules), 0.95))
    figures.push({ name: `first year of ${name}, p95`, unit: 'ms', better: 'less', rounds: firsts })
  }
  return figures
}

/** Rounds over all instants for a while, after one that lays out the years and lets the compiler work. */
export function callsPerSecond(
  instants: readonly Date[],
  call: (from: Date) => Date,
  forMs = ROUND_MS,
): number {
  // What is found is used, or a compiler could leave the calls out.
  let sum = 0
  const round = () => {
    for (const instant of instants) sum += call(instant).getTime()
  }
  round()
  let rounds = 0
  const begun = performance.now()
  while (performance.now() - begun < forMs) {
    round()
    rounds += 1
  }
  const seconds = (performance.now() - begun) / 1_000
  if (Number.isNaN(sum)) throw new Error('A call found no instant')
  return (rounds * instants.length) / seconds
}

function addThirtyDays({ rules, thirtyDaysMs }: SampleCalendar) {
  const { add } = createBusinessTime(rules)
  return (from: Date) => add(from, thirtyDaysMs)
}

function bisect() {
  const sorted = Float64Array.from({ length: FLOOR_SPANS }, (_, index) => (index / FLOOR_SPANS) * YEAR_MS)
  return (from: Date) => {
    const wanted = from.getTime() % YEAR_MS
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sorted[middle] ?? 0) < wanted) low = middle + 1
      else high = middle
    }
    return new Date(sorted[low - 1] ?? 0)
  }
}

const YEAR_MS = 365 * 86_400_000

/** Milliseconds of the first call of a calendar that was just made, which lays out one year; sorted. */
function firstUses(rules: CalendarRules): number[] {
  const noon = new Date('2026-06-01T12:00:00Z')
  return Array.from({ length: FIRST_USES }, () => {
    const begun = performance.now()
    createBusinessTime(rules).add(noon, 60_000)
    return performance.now() - begun
  }).sort((a, b) => a - b)
}
