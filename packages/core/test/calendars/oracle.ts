import type { CalendarRules } from '../../src/calendars/rules.ts'

const MINUTE_MS = 60_000
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/**
 * The rule, word for word, minute by minute: slow and obvious. Every boundary of these calendars is a whole minute (zones'
 * offsets since 1972 are, and so are intervals), so a minute is business time as a whole or not at all.
 */
export function oracle(rules: CalendarRules) {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: rules.timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  const known = new Map<number, boolean>()

  function isBusiness(minute: number): boolean {
    const answer = known.get(minute) ?? read(minute)
    known.set(minute, answer)
    return answer
  }

  function read(minute: number): boolean {
    const part = Object.fromEntries(
      format.formatToParts(minute * MINUTE_MS).map(({ type, value }) => [type, value]),
    )
    if (rules.holidays.includes(`${part.year}-${part.month}-${part.day}`)) return false
    const weekday = WEEKDAYS.indexOf(part.weekday ?? '') + 1
    const yesterday = weekday === 1 ? 7 : weekday - 1
    const time = Number(part.hour) * 60 + Number(part.minute)
    return rules.intervals.some(({ weekday: on, startMinute, endMinute }) => {
      if (endMinute > startMinute) return on === weekday && time >= startMinute && time < endMinute
      return (on === weekday && time >= startMinute) || (on === yesterday && time < endMinute)
    })
  }

  return {
    /** Business milliseconds in `[from, to)`; none when `to` is the earlier. */
    between(from: number, to: number): number {
      // Both in one business minute and the wrong way round would count as less than nothing.
      if (to <= from) return 0
      let sum = 0
      for (let minute = Math.floor(from / MINUTE_MS); minute * MINUTE_MS < to; minute += 1) {
        if (!isBusiness(minute)) continue
        sum += Math.min(to, (minute + 1) * MINUTE_MS) - Math.max(from, minute * MINUTE_MS)
      }
      return sum
    },
    /** The earliest instant by which `ms` have passed; undefined when that is later than `limit`. */
    add(from: number, ms: number, limit: number): number | undefined {
      let left = ms
      if (left <= 0) return from
      for (let minute = Math.floor(from / MINUTE_MS); minute * MINUTE_MS < limit; minute += 1) {
        if (!isBusiness(minute)) continue
        const start = Math.max(from, minute * MINUTE_MS)
        const room = (minute + 1) * MINUTE_MS - start
        if (left <= room) return start + left
        left -= room
      }
      return undefined
    },
  }
}
