import type { BusinessTime } from '../sla/clock.ts'
import { type CalendarRules, type MinuteSpan, minutesByWeekday } from './rules.ts'
import { type OffsetAt, offsetSpans, zoneOffsets } from './zone.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** A calendar that has not one working minute in so many years has none. */
const MOST_EMPTY_YEARS = 100

/** The business spans of one UTC year. */
interface Year {
  /** Where each span begins, in order; spans neither overlap nor touch. */
  starts: Float64Array
  /** Business milliseconds of the year before each span; one entry more, for the whole year. */
  before: Float64Array
  /** All of them. */
  total: number
}

/**
 * Counts a calendar's business time, in real milliseconds.
 *
 * An instant is business time when its wall-clock reading in the calendar's zone lies in one of that weekday's
 * intervals and its local date is no holiday (design.md, SLA). So an hour that the clocks skip adds nothing, and one that
 * they repeat counts as often as it is read. Spans are laid out once a year of the calendar and then looked up by
 * bisection: no call loops over minutes.
 * @throws RangeError for a time zone that does not exist
 */
export function createBusinessTime(rules: CalendarRules): BusinessTime {
  const offsetAt = zoneOffsets(rules.timeZone)
  const weekdays = minutesByWeekday(rules.intervals)
  const holidays = new Set(rules.holidays.map((date) => Date.parse(`${date}T00:00:00Z`) / DAY_MS))
  const years = new Map<number, Year>()

  function yearOf(number: number): Year {
    const known = years.get(number)
    if (known !== undefined) return known
    const made = layOutYear(number, offsetAt, weekdays, holidays)
    years.set(number, made)
    return made
  }

  return {
    between(from, to) {
      const [a, b] = [from.getTime(), to.getTime()]
      if (!(b > a)) return 0
      const [first, last] = [from.getUTCFullYear(), to.getUTCFullYear()]
      let sum = passed(yearOf(last), b) - passed(yearOf(first), a)
      for (let year = first; year < last; year += 1) sum += yearOf(year).total
      return sum
    },

    add(from, ms) {
      if (!(ms > 0)) return from
      let number = from.getUTCFullYear()
      let year = yearOf(number)
      let wanted = passed(year, from.getTime()) + ms
      for (let empty = 0; wanted > year.total; ) {
        empty = year.total === 0 ? empty + 1 : 0
        if (empty > MOST_EMPTY_YEARS) throw new RangeError('The calendar has no working time')
        wanted -= year.total
        number += 1
        year = yearOf(number)
      }
      // The last span that begins with less than is wanted: its end serves, not the beginning of the next.
      const index = lastBelow(year.before, wanted)
      return new Date((year.starts[index] ?? 0) + wanted - (year.before[index] ?? 0))
    },
  }
}

/** Business milliseconds of the year before an instant in it. */
function passed(year: Year, instant: number): number {
  const index = lastBelow(year.starts, instant)
  if (index === -1) return 0
  const [start = 0, before = 0, after = 0] = [year.starts[index], year.before[index], year.before[index + 1]]
  return Math.min(before + instant - start, after)
}

/** The index of the last number below `limit` in a sorted list; -1 for none. */
function lastBelow(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < limit) low = middle + 1
    else high = middle
  }
  return low - 1
}

function layOutYear(
  number: number,
  offsetAt: OffsetAt,
  weekdays: readonly MinuteSpan[][],
  holidays: ReadonlySet<number>,
): Year {
  const spans: [number, number][] = []
  for (const { from, to, offset } of offsetSpans(
    offsetAt,
    Date.UTC(number, 0, 1),
    Date.UTC(number + 1, 0, 1),
  )) {
    const lastDay = Math.floor((to - 1 + offset) / DAY_MS)
    for (let day = Math.floor((from + offset) / DAY_MS); day <= lastDay; day += 1) {
      if (holidays.has(day)) continue
      // 1970-01-01 was a Thursday, weekday 4.
      for (const { start, end } of weekdays[(((day + 3) % 7) + 7) % 7] ?? []) {
        const midnight = day * DAY_MS - offset
        add(spans, Math.max(from, midnight + start * MINUTE_MS), Math.min(to, midnight + end * MINUTE_MS))
      }
    }
  }
  const starts = Float64Array.from(spans, ([start]) => start)
  const before = new Float64Array(spans.length + 1)
  for (const [index, [start, end]] of spans.entries()) before[index + 1] = (before[index] ?? 0) + end - start
  return { starts, before, total: before[spans.length] ?? 0 }
}

/** Appends a span, joined to the one before it where they touch; an empty one is none. */
function add(spans: [number, number][], start: number, end: number): void {
  if (end <= start) return
  const last = spans.at(-1)
  if (last !== undefined && last[1] === start) last[1] = end
  else spans.push([start, end])
}
