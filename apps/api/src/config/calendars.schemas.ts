import { MOST_HOLIDAYS } from '@servicedesk/core'
import { Type } from 'typebox'
import { IdParam, Ignored, strict, Text, Timestamp } from '../shared/schemas.ts'

export const Calendar = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  time_zone: Type.String(),
  intervals: Type.Array(Type.Object({ weekday: Type.Integer(), start: Type.String(), end: Type.String() })),
  holidays: Type.Array(Type.Object({ date: Type.String(), name: Type.String() })),
})

const CLOCK = '(?:[01]\\d|2[0-3]):[0-5]\\d'
const Interval = Type.Object(
  {
    weekday: Type.Integer({ minimum: 1, maximum: 7, description: 'Monday is 1' }),
    start: Type.String({ pattern: `^${CLOCK}$`, description: '09:00' }),
    end: Type.String({
      pattern: `^(?:${CLOCK}|24:00)$`,
      description: '17:30, up to 24:00; at or before the start: on the next day',
    }),
  },
  strict,
)
const DATE = '^\\d{4}-\\d\\d-\\d\\d$'
const HolidayDate = Type.String({ pattern: DATE, description: '2026-12-25' })
const Holiday = Type.Object({ date: HolidayDate, name: Text(1, 200) }, strict)

const members = {
  name: Text(1, 100),
  time_zone: Type.String({ minLength: 1, maxLength: 64, description: 'An IANA name: Europe/Berlin' }),
  intervals: Type.Array(Interval, { minItems: 1, maxItems: 50 }),
  holidays: Type.Array(Holiday, { maxItems: MOST_HOLIDAYS }),
}
export const NewCalendar = Type.Object(
  { id: Ignored, ...members, holidays: Type.Optional(members.holidays) },
  strict,
)
export const CalendarPatch = Type.Object(
  {
    id: Ignored,
    name: Type.Optional(members.name),
    time_zone: Type.Optional(members.time_zone),
    intervals: Type.Optional(members.intervals),
    holidays: Type.Optional(members.holidays),
  },
  strict,
)

/** One holiday, or several; which of the two is checked after the shape. */
export const HolidaysBody = Type.Object(
  {
    date: Type.Optional(HolidayDate),
    name: Type.Optional(Text(1, 200)),
    holidays: Type.Optional(members.holidays),
  },
  strict,
)
export const IcalBody = Type.Any({ description: 'An iCalendar file (RFC 5545), at most 1 MB' })
export const IcalForm = Type.Object({
  file: Type.String({ format: 'binary', description: 'An iCalendar file' }),
})
export const CalendarWithHolidays = Type.Object({
  ...Calendar.properties,
  added: Type.Integer({ description: 'Dates that are holidays now' }),
  skipped: Type.Integer({
    description:
      'Dates that were holidays before or are given twice, events with a time of day, cancelled ones',
  }),
})
export const HolidayParams = Type.Object({ ...IdParam.properties, date: HolidayDate }, strict)

const Instant = Type.String({ format: 'date-time', description: 'ISO 8601 with a zone' })
export const PreviewBody = Type.Object(
  {
    from: Instant,
    seconds: Type.Optional(Type.Integer({ minimum: 0, description: 'Of working time' })),
    to: Type.Optional(Instant),
  },
  strict,
)
export const Preview = Type.Object({
  due_at: Type.Optional(Timestamp),
  seconds: Type.Optional(Type.Number()),
})
