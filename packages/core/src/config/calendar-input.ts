import type { CalendarHoliday, CalendarInterval } from '@servicedesk/db'
import { createBusinessTime } from '../calendars/business-time.ts'
import { DomainError, type FieldError, invalid } from '../shared/errors.ts'

export const MOST_HOLIDAYS = 2_000
/** Years that holidays, previews and absences may be in. */
export const [FIRST_YEAR, LAST_YEAR] = [1970, 2200]
/** A calendar must work some time in so many years from now. */
const YEARS_AHEAD = 10

/** What an admin says of a calendar. */
export interface CalendarInput {
  name: string
  /** An IANA name. */
  time_zone: string
  /** Wall-clock times by ISO weekday; `end` may be 24:00, and one at or before `start` runs past midnight. */
  intervals: readonly { weekday: number; start: string; end: string }[]
  holidays?: readonly CalendarHoliday[] | undefined
}

/** What a version of a calendar keeps, in order, so that the same content is the same. */
export interface CalendarContent {
  timeZone: string
  intervals: CalendarInterval[]
  holidays: CalendarHoliday[]
}

/** The names of three letters that are IANA's. ICU knows more, but IST or PST mean something else to each who writes them. */
const THREE_LETTERS = /^(?:CET|EET|EST|GMT|HST|MET|MST|PRC|ROC|ROK|UCT|UTC|WET)$/i

/**
 * The zone's name as it is kept: in the case that the zone data has it, where that is known.
 * @throws DomainError 400 at `time_zone` for what is no IANA name; offsets such as `+02:00` know no summer
 */
export function timeZoneOf(text: string): string {
  const isName = text.length === 3 ? THREE_LETTERS.test(text) : /^(?!SystemV\/)[a-z][\w+/-]*$/i.test(text)
  try {
    if (isName) {
      const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions()
      return timeZone.toLowerCase() === text.toLowerCase() ? timeZone : text
    }
  } catch {
    // The one error below says it.
  }
  throw invalid('time_zone', 'is not an IANA time zone such as Europe/Berlin')
}

const WEEK_MINUTES = 7 * 1_440

/**
 * Intervals as they are kept, in order of the week.
 * @throws DomainError 400 naming every interval that overlaps another, also past midnight and from Sunday to Monday
 */
export function intervalsOf(intervals: CalendarInput['intervals']): CalendarInterval[] {
  const rows = intervals.map(({ weekday, start, end }, index) => {
    const [startMinute, endMinute] = [minuteOf(start), minuteOf(end)]
    const length = endMinute > startMinute ? endMinute - startMinute : endMinute - startMinute + 1_440
    return { index, from: (weekday - 1) * 1_440 + startMinute, length, weekday, startMinute, endMinute }
  })
  const sorted = rows.toSorted((a, b) => a.from - b.from)
  const errors: FieldError[] = sorted.flatMap((row, n) => {
    const next = sorted[(n + 1) % sorted.length] ?? row
    // The last one meets the first of the week that follows; one alone meets itself.
    const nextFrom = next.from + (n + 1 === sorted.length ? WEEK_MINUTES : 0)
    if (row.from + row.length <= nextFrom) return []
    const [earlier, later] = [Math.min(row.index, next.index), Math.max(row.index, next.index)]
    return [{ path: `intervals.${later}`, message: `overlaps intervals.${earlier}` }]
  })
  refuse(errors)
  return inWeekOrder(rows)
}

export function inWeekOrder(intervals: readonly CalendarInterval[]): CalendarInterval[] {
  return intervals
    .map(({ weekday, startMinute, endMinute }) => ({ weekday, startMinute, endMinute }))
    .toSorted((a, b) => a.weekday - b.weekday || a.startMinute - b.startMinute)
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

/**
 * Holidays as they are kept, in order.
 * @throws DomainError 400 naming every date that is none, is out of range or is there twice
 */
export function holidaysOf(holidays: readonly CalendarHoliday[]): CalendarHoliday[] {
  const seen = new Set<string>()
  const errors: FieldError[] = []
  for (const [index, { date }] of holidays.entries()) {
    const message = seen.has(date) ? 'is there twice' : faultOf(date)
    if (message !== null) errors.push({ path: `holidays.${index}.date`, message })
    seen.add(date)
  }
  refuse(errors)
  return inOrder(holidays)
}

/** Holidays to add: one, or several. */
export interface HolidaysInput {
  date?: string | undefined
  name?: string | undefined
  holidays?: readonly CalendarHoliday[] | undefined
}

/** @throws DomainError 400 naming the member */
export function holidaysAsked({ date, name, holidays }: HolidaysInput): CalendarHoliday[] {
  if (holidays !== undefined) {
    if (date !== undefined) throw invalid('date', 'cannot be used together with holidays')
    if (name !== undefined) throw invalid('name', 'cannot be used together with holidays')
    const faults = holidays.map((each, index) => ({
      path: `holidays.${index}.date`,
      message: faultOf(each.date),
    }))
    refuse(faults.flatMap(({ path, message }) => (message === null ? [] : [{ path, message }])))
    return inOrder(holidays)
  }
  if (date === undefined) throw invalid('date', 'is required, or holidays')
  if (name === undefined) throw invalid('name', 'is required')
  const fault = faultOf(date)
  if (fault !== null) throw invalid('date', fault)
  return inOrder([{ date, name }])
}

export function inOrder(holidays: readonly CalendarHoliday[]): CalendarHoliday[] {
  return holidays
    .map(({ date, name }) => ({ date, name: name.trim() }))
    .toSorted((a, b) => (a.date < b.date ? -1 : 1))
}

/** Why a text is not a date that a calendar can have; null if it is one. */
export function faultOf(date: string): string | null {
  const parsed = new Date(`${date}T00:00:00Z`)
  // JavaScript takes the 30th of February for the 2nd of March.
  if (Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== date) return 'is not a date'
  return isYear(parsed) ? null : `must be between ${FIRST_YEAR} and ${LAST_YEAR}`
}

export function isYear(instant: Date): boolean {
  return instant.getUTCFullYear() >= FIRST_YEAR && instant.getUTCFullYear() <= LAST_YEAR
}

/**
 * Reads an instant, ISO 8601 with a zone. Formats let more through than JavaScript reads, such as leap seconds.
 * @throws DomainError 400 at `path`
 */
export function instantOf(text: string, path: string): Date {
  const instant = new Date(text)
  if (Number.isNaN(instant.getTime())) throw invalid(path, 'is not an instant')
  if (!isYear(instant)) throw invalid(path, `must be between ${FIRST_YEAR} and ${LAST_YEAR}`)
  return instant
}

/** @throws DomainError 400 for a calendar that has no working time from now on, or more holidays than it may */
export function assertWorks(content: CalendarContent, now: Date): void {
  if (content.holidays.length > MOST_HOLIDAYS) {
    throw invalid('holidays', `must be at most ${MOST_HOLIDAYS.toLocaleString('en-US')}`)
  }
  const rules = { ...content, holidays: content.holidays.map(({ date }) => date) }
  const { between } = createBusinessTime(rules)
  // Year by year: almost every calendar works in the first.
  for (let years = 1; years <= YEARS_AHEAD; years += 1) {
    const end = new Date(now)
    end.setUTCFullYear(now.getUTCFullYear() + years)
    if (between(now, end) > 0) return
  }
  throw invalid('intervals', `leave no working minute in the next ${YEARS_AHEAD} years`)
}

function refuse(fields: readonly FieldError[]): void {
  const [first] = fields
  if (first === undefined) return
  throw new DomainError('invalid', 'validation_failed', `${first.path}: ${first.message}`, { fields })
}
