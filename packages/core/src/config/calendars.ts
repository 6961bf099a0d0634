import type { CalendarRow } from './configuration.ts'

/** A calendar as the API shows it: wall-clock intervals by ISO weekday, and whole days off. */
export interface CalendarView {
  id: number
  name: string
  time_zone: string
  intervals: { weekday: number; start: string; end: string }[]
  holidays: { date: string; name: string }[]
}

/** Minutes from midnight as `HH:MM`; 1,440 is `24:00`. */
function wallClock(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':')
}

/** A calendar with its intervals and holidays in order. */
export function calendarView(row: CalendarRow): CalendarView {
  return {
    id: row.id,
    name: row.name,
    time_zone: row.timeZone,
    intervals: row.intervals
      .toSorted((a, b) => a.weekday - b.weekday || a.startMinute - b.startMinute)
      .map(({ weekday, startMinute, endMinute }) => ({
        weekday,
        start: wallClock(startMinute),
        end: wallClock(endMinute),
      })),
    holidays: row.holidays.toSorted((a, b) => (a.date < b.date ? -1 : 1)),
  }
}
