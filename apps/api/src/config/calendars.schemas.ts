import { MOST_HOLIDAYS } from '@servicedesk/core'
import { Type } from 'typebox'
import { Ignored, strict, Text } from '../shared/schemas.ts'

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
export const DATE = '^\\d{4}-\\d\\d-\\d\\d$'
const HolidayDate = Type.String({ pattern: DATE, description: '2026-12-25' })
export const Holiday = Type.Object({ date: HolidayDate, name: Text(1, 200) }, strict)

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
