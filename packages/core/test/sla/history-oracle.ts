import type { CalendarRules } from '../../src/calendars/rules.ts'
import { oracle } from '../calendars/oracle.ts'

const DAY = 86_400_000
const office = (timeZone: string, holidays: string[] = []): CalendarRules => ({
  timeZone,
  intervals: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, startMinute: 540, endMinute: 1_050 })),
  holidays,
})

/** Calendars that a history moves between. */
export const RULES: readonly CalendarRules[] = [
  {
    timeZone: 'UTC',
    intervals: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startMinute: 0, endMinute: 1_440 })),
    holidays: [],
  },
  office('America/New_York', ['2027-03-15']),
  {
    timeZone: 'America/New_York',
    intervals: [5, 6, 7].map((weekday) => ({ weekday, startMinute: 1_320, endMinute: 360 })),
    holidays: [],
  },
  office('Asia/Kathmandu'),
]

/**
 * A resolution clock as a person would keep it: an edit counts from the instant at which it was made, whenever the desk gets
 * round to it. Each stretch between two happenings is counted minute by minute, by what was in force.
 */
export function resolutionOracle(start: number, firstTarget: number, firstRules: CalendarRules) {
  const counts = new Map(RULES.map((rules) => [rules, oracle(rules)]))
  let state: 'running' | 'paused' | 'stopped' = 'running'
  let since = start
  let elapsed = 0
  let target = firstTarget * 1_000
  let rules = firstRules
  let breachedAt: number | null = null
  const edited = { target, rules }
  /** A clock that is stopped is held to what it was held to, until it goes on. */
  const adopt = () => {
    if (state !== 'stopped') ({ target, rules } = edited)
  }
  const count = () => counts.get(rules)!

  /** Counts up to `now`, and notes the instant at which the target was used up. */
  function pass(now: number): void {
    if (state === 'running') {
      const ran = count().between(since, now)
      if (breachedAt === null && elapsed + ran >= target)
        breachedAt = count().add(since, Math.max(0, target - elapsed), now + DAY) ?? null
      elapsed += ran
    }
    since = now
  }

  return {
    status(now: number, to: string) {
      pass(now)
      state = to === 'Resolved' ? 'stopped' : to === 'Pending' ? 'paused' : 'running'
      adopt()
      pass(now)
    },
    target(now: number, seconds: number) {
      pass(now)
      edited.target = seconds * 1_000
      adopt()
      pass(now)
    },
    calendar(now: number, to: CalendarRules) {
      pass(now)
      edited.rules = to
      adopt()
      pass(now)
    },
    at(now: number) {
      pass(now)
      return { state, elapsed, breachedAt }
    },
    /** Undefined when it is more than some weeks away. */
    dueAt: (now: number) => count().add(now, Math.max(0, target - elapsed), now + 40 * DAY),
  }
}
