import { type CalendarRules, createBusinessTime } from '@servicedesk/core'
import { quantile } from '../measure.ts'
import { type SampleCalendar, sampleCalendars, sampleInstants } from './sample.ts'

/** Due dates a second, on one core, that a desk's calendars must give (issue 4). */
export const TARGET = 200_000
const INSTANTS = 100_000
const ROUND_MS = 1_500
const FIRST_USES = 40
/** As many as a calendar with two intervals a day has spans in a year. */
const FLOOR_SPANS = 522

/**
 * How fast due dates 30 working days away are found, against one bisection of as many numbers and the making of a Date,
 * which the least lookup needs; and what a calendar's first use costs, when it lays out its years. Prints it.
 */
export function measureBusinessTime(): void {
  const instants = sampleInstants(INSTANTS, 4)
  const floor = callsPerSecond(instants, bisect())
  print('bisection and a Date', perSecond(floor))
  for (const calendar of sampleCalendars()) {
    const rate = callsPerSecond(instants, addThirtyDays(calendar))
    const verdict = rate >= TARGET ? '' : `   below ${TARGET}/s`
    print(`due date, ${calendar.name}`, `${perSecond(rate)}   ratio ${(rate / floor).toFixed(2)}${verdict}`)
  }
  for (const { name, rules } of sampleCalendars()) {
    const times = firstUses(rules)
    print(
      `first year, ${name}`,
      `  p50 ${quantile(times, 0.5).toFixed(2)} ms   p95 ${quantile(times, 0.95).toFixed(2)} ms`,
    )
  }
  console.log()
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

const perSecond = (rate: number) => `${rate.toFixed(0).padStart(10)}/s`

const print = (label: string, figures: string) => console.log(`${label.padEnd(34)}${figures}`)
