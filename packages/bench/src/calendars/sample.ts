import type { CalendarRules } from '@servicedesk/core'
import { createRandom } from '../faults/random.ts'

const HOUR_MS = 3_600_000
const WORKING_DAYS = 30
const [FIRST_YEAR, YEARS] = [2020, 10]

/** A calendar, and the working time of 30 of its working days in milliseconds. */
export interface SampleCalendar {
  name: string
  rules: CalendarRules
  thirtyDaysMs: number
}

/** Opening hours in zones with odd clocks, all with ten holidays a year. */
export const sampleCalendars = (): SampleCalendar[] => [
  sample('America/New_York', [
    ['09:00', '12:30'],
    ['13:15', '17:30'],
  ]),
  sample('Australia/Lord_Howe', [['08:00', '16:00']]),
  sample('Asia/Kathmandu', [
    ['10:00', '13:00'],
    ['14:00', '18:00'],
  ]),
  // Past midnight, in a zone whose clocks change with Ramadan.
  sample('Africa/Casablanca', [['20:00', '04:00']]),
]

function sample(timeZone: string, hours: readonly (readonly [string, string])[]): SampleCalendar {
  const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
  const spans = hours.map(([start, end]) => ({ startMinute: minutes(start), endMinute: minutes(end) }))
  const workingDay = spans.reduce(
    (sum, { startMinute, endMinute }) => sum + ((endMinute - startMinute + 1_440) % 1_440),
    0,
  )
  return {
    name: timeZone,
    rules: {
      timeZone,
      intervals: [1, 2, 3, 4, 5].flatMap((weekday) => spans.map((span) => ({ weekday, ...span }))),
      holidays: Array.from({ length: YEARS + 1 }, (_, index) => holidaysOf(FIRST_YEAR + index)).flat(),
    },
    thirtyDaysMs: (WORKING_DAYS * workingDay * HOUR_MS) / 60,
  }
}

const holidaysOf = (year: number) =>
  ['01-01', '01-06', '03-08', '05-01', '06-19', '08-15', '10-03', '11-01', '12-25', '12-26'].map(
    (day) => `${year}-${day}`,
  )

/** Instants at random over ten years, the same for the same seed. */
export function sampleInstants(count: number, seed: number): Date[] {
  const random = createRandom(seed)
  const [first, last] = [Date.UTC(FIRST_YEAR, 0, 1), Date.UTC(FIRST_YEAR + YEARS, 0, 1)]
  return Array.from({ length: count }, () => new Date(random.between(first, last - 1)))
}
