import type { CalendarHoliday } from '@servicedesk/db'
import ICAL from 'ical.js'
import { FIRST_YEAR, LAST_YEAR } from '../config/calendar-input.ts'
import { DomainError, invalid } from '../shared/errors.ts'
import { type Budget, newBudget, repeatedDays, type Window } from './repeated-days.ts'

/** Far more than a calendar takes; the library's work on one line grows with the square of its length. */
const MOST_EVENTS = 5_000
const MOST_DAYS = 20_000
const LONGEST_LINE = 50_000
const LONGEST_RULE = 500
const LONGEST_NAME = 200
/** Repetitions count from last year on, so far ahead. */
const YEARS_AHEAD = 10
const DAY_MS = 86_400_000

export interface ImportedHolidays {
  holidays: CalendarHoliday[]
  /** Events that name no day off: those with a time of day, and cancelled ones. */
  ignored: number
}

/**
 * Reads the whole-day events of an iCalendar file (RFC 5545) as holidays: each day of an event, its repetitions from last
 * year to ten years ahead, without its exceptions. An override takes the place of the repetition that it names.
 * @param bytes UTF-8
 * @throws DomainError 400 at `file` with the reason
 */
export function holidaysOfIcal(bytes: Uint8Array, now: Date): ImportedHolidays {
  const events = parse(decode(bytes)).flatMap((calendar) => calendar.getAllSubcomponents('vevent'))
  const year = now.getUTCFullYear()
  const window = { from: `${year - 1}-01-01`, to: `${year + YEARS_AHEAD}-12-31` }
  const moved = overriddenDays(events)
  const budget = newBudget()
  const holidays: CalendarHoliday[] = []
  let ignored = 0
  for (const event of events) {
    const isCancelled = textOf(event, 'status').toUpperCase() === 'CANCELLED'
    const start = wholeDayOf(event.getFirstProperty('dtstart'))
    if (isCancelled || start === undefined) {
      ignored += 1
      continue
    }
    const name = nameOf(event)
    for (const date of daysOf(event, start, window, moved.get(textOf(event, 'uid')), budget)) {
      holidays.push({ date, name })
      if (holidays.length > MOST_DAYS) throw invalid('file', 'has too many days')
    }
  }
  return { holidays, ignored }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw invalid('file', 'is not UTF-8')
  }
}

/** @throws DomainError 400 for what is no calendar, or larger than one of holidays is */
function parse(text: string): ICAL.Component[] {
  if (text.trim() === '') throw invalid('file', 'is empty')
  const lines = text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)
  if (lines.some((line) => line.length > (/^(?:RRULE|EXRULE)/i.test(line) ? LONGEST_RULE : LONGEST_LINE))) {
    throw invalid('file', 'has a line that is too long')
  }
  if (lines.filter((line) => /^BEGIN:VEVENT/i.test(line)).length > MOST_EVENTS) {
    throw invalid('file', `has more than ${MOST_EVENTS.toLocaleString('en-US')} events`)
  }
  const calendars = understood(() => {
    const parsed: unknown[] = ICAL.parse(text)
    // Several calendars in a file are a list of them.
    return (typeof parsed[0] === 'string' ? [parsed] : parsed).map(
      (each) => new ICAL.Component(each as unknown[]),
    )
  })
  if (calendars.length === 0 || calendars.some(({ name }) => name !== 'vcalendar')) {
    throw invalid('file', 'is not an iCalendar file')
  }
  return calendars
}

/** Runs what reads a part of the file: whatever the library throws is the file's fault. */
function understood<R>(read: () => R): R {
  try {
    return read()
  } catch (error) {
    if (error instanceof DomainError) throw error
    throw invalid('file', 'is not an iCalendar file, or a part of it is malformed')
  }
}

/** By uid, the days whose repetition an event of its own stands for. */
function overriddenDays(events: readonly ICAL.Component[]): Map<string, Set<string>> {
  const days = new Map<string, Set<string>>()
  for (const event of events) {
    const property = event.getFirstProperty('recurrence-id')
    if (property === null) continue
    if (property.getFirstParameter('range') !== undefined) {
      throw invalid(
        'file',
        'has an override with RANGE, which is not understood; export the events one by one',
      )
    }
    const uid = textOf(event, 'uid')
    days.set(uid, (days.get(uid) ?? new Set()).add(datesOf(property)[0] ?? ''))
  }
  return days
}

/** Every day of an event and of its repetitions. */
function daysOf(
  event: ICAL.Component,
  start: string,
  window: Window,
  moved: ReadonlySet<string> | undefined,
  budget: Budget,
): string[] {
  const length = lengthOf(event, start)
  const firsts = new Set([start])
  if (!event.hasProperty('recurrence-id')) {
    for (const day of event.getAllProperties('rdate').flatMap(datesOf)) firsts.add(day)
    for (const rule of event.getAllProperties('rrule')) {
      const value = understood(() => rule.getFirstValue())
      const from = ICAL.Time.fromDateString(start)
      if (!(value instanceof ICAL.Recur)) throw invalid('file', 'has a malformed RRULE')
      for (const day of understood(() => repeatedDays(value, from, window, budget))) firsts.add(day)
    }
    for (const day of event.getAllProperties('exdate').flatMap(datesOf)) firsts.delete(day)
    for (const day of moved ?? []) firsts.delete(day)
  }
  const isRepeated = event.hasProperty('rrule') || event.hasProperty('rdate')
  const { from, to } = isRepeated ? window : { from: `${FIRST_YEAR}-01-01`, to: `${LAST_YEAR}-12-31` }
  if (firsts.size * length > MOST_DAYS) throw invalid('file', 'has too many days')
  return [...firsts]
    .flatMap((first) => Array.from({ length }, (_, n) => dayAfter(first, n)))
    .filter((date) => date >= from && date <= to)
}

/** Days that an event lasts: DTEND is the first day after it; without an end, or with one that is no later, one. */
function lengthOf(event: ICAL.Component, start: string): number {
  const end = wholeDayOf(event.getFirstProperty('dtend'))
  const duration = understood(() => event.getFirstPropertyValue('duration'))
  const days =
    end !== undefined
      ? (Date.parse(end) - Date.parse(start)) / DAY_MS
      : duration instanceof ICAL.Duration
        ? Math.floor(duration.toSeconds() / 86_400)
        : 1
  return Math.max(1, days)
}

/** The date of a property that has no time of day; undefined for one that has, or for none. */
function wholeDayOf(property: ICAL.Property | null): string | undefined {
  if (property === null) return undefined
  // Some write a date and do not say that it is none with a time; the library reads `2026-12-25T::`.
  const isDate = property.type === 'date' || !/T\d/.test(String(property.toJSON()[3]))
  return isDate ? datesOf(property)[0] : undefined
}

/**
 * The dates of a property, that of a time of day included.
 * @throws DomainError 400 for one that does not exist
 */
function datesOf(property: ICAL.Property): string[] {
  // As they are written: the library's own dates would take the 30th of February for the 2nd of March.
  return property
    .toJSON()
    .slice(3)
    .map((value: unknown) => {
      const date = String(value).slice(0, 10)
      if (dayAfter(date, 0) !== date) throw invalid('file', `has a date that does not exist: ${date}`)
      return date
    })
}

/** The date so many days later; what is no date stays none. */
function dayAfter(date: string, days: number): string {
  const instant = new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS)
  return Number.isNaN(instant.getTime()) ? '' : instant.toISOString().slice(0, 10)
}

function textOf(event: ICAL.Component, name: string): string {
  const value = understood(() => event.getFirstPropertyValue(name))
  return typeof value === 'string' ? value : ''
}

/** What the day is called, in one line that can be stored. */
function nameOf(event: ICAL.Component): string {
  const text = textOf(event, 'summary')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return Array.from(text).slice(0, LONGEST_NAME).join('') || 'Holiday'
}
