import { calendarIntervals, calendars, type Database, holidays } from '@servicedesk/db'
import { asc } from 'drizzle-orm'

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

/** Every calendar, with its intervals and holidays in order. */
export async function readCalendars(db: Database): Promise<CalendarView[]> {
  const [rows, intervals, days] = await Promise.all([
    db.select().from(calendars).orderBy(asc(calendars.id)),
    db
      .select()
      .from(calendarIntervals)
      .orderBy(asc(calendarIntervals.weekday), asc(calendarIntervals.startMinute)),
    db.select().from(holidays).orderBy(asc(holidays.date)),
  ])
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    time_zone: row.timeZone,
    intervals: intervals
      .filter((each) => each.calendarId === row.id)
      .map((each) => ({
        weekday: each.weekday,
        start: wallClock(each.startMinute),
        end: wallClock(each.endMinute),
      })),
    holidays: days.filter((each) => each.calendarId === row.id).map(({ date, name }) => ({ date, name })),
  }))
}
