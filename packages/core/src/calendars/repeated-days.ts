import ICAL from 'ical.js'
import { invalid } from '../shared/errors.ts'

/** Days between which repetitions count; plain dates, `2026-12-25`. */
export interface Window {
  from: string
  to: string
}

/** How often rules may be asked for their next day, in a whole file: once a day since 1970, and a second's work. */
const MOST_STEPS = 30_000
/** The library counts an interval day by day. */
const MOST_INTERVAL = 1_000
/** Of weeks by number the library makes days that are not meant. */
const NOT_FOR_DAYS = ['BYHOUR', 'BYMINUTE', 'BYSECOND', 'BYWEEKNO']
const WHOLE_DAYS = new Set(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'])

/** What is left of the steps that a file may take. */
export interface Budget {
  steps: number
}

export function newBudget(): Budget {
  return { steps: MOST_STEPS }
}

/**
 * The days on which a rule has an event begin, inside the window. The library walks from the first day on; what it does
 * not bound itself (rules that never come true, rules without an end) is bounded here.
 * @throws DomainError 400 for a rule that is none for whole days, or takes too long
 */
export function repeatedDays(rule: ICAL.Recur, start: ICAL.Time, window: Window, budget: Budget): string[] {
  const parts = { ...rule.parts }
  const isForDays = WHOLE_DAYS.has(rule.freq) && !NOT_FOR_DAYS.some((part) => part in parts)
  if (!isForDays || !(rule.interval <= MOST_INTERVAL)) {
    throw invalid(
      'file',
      `has a rule that is not understood for whole days: ${rule.toString().slice(0, 100)}`,
    )
  }
  const end = ICAL.Time.fromDateString(window.to)
  if (rule.until === null || rule.until.compare(end) > 0) rule.until = end
  const days: string[] = []
  const iterator = rule.iterator(start)
  const matches = iterator.check_contracting_rules.bind(iterator)
  iterator.check_contracting_rules = () => {
    budget.steps -= 1
    if (budget.steps < 0) throw invalid('file', 'has rules that repeat too often')
    // Past the end anything will do: the walk stops there, and a rule that never comes true with it.
    return iterator.last.year > end.year || matches()
  }
  for (let day = iterator.next(); day !== null; day = iterator.next()) {
    const date = day.toString().slice(0, 10)
    if (date > window.to) break
    if (date >= window.from && isMeant(day, rule.freq, parts, start)) days.push(date)
  }
  return days
}

/** The library has what falls on a day that a month lacks, such as a yearly 29 February, on the next month's first. */
function isMeant(day: ICAL.Time, freq: string, parts: Record<string, unknown>, start: ICAL.Time): boolean {
  const months = numbers(parts.BYMONTH)
  const days = numbers(parts.BYMONTHDAY)
  const length = ICAL.Time.daysInMonth(day.month, day.year)
  if (months.length > 0 && !months.includes(day.month)) return false
  if (days.length > 0) return days.includes(day.day) || days.includes(day.day - length - 1)
  const isByStart = (freq === 'YEARLY' || freq === 'MONTHLY') && !('BYDAY' in parts || 'BYYEARDAY' in parts)
  if (!isByStart) return true
  return day.day === start.day && (freq === 'MONTHLY' || months.length > 0 || day.month === start.month)
}

function numbers(value: unknown): number[] {
  return (Array.isArray(value) ? value : []).map(Number)
}
