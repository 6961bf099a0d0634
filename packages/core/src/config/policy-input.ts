import type { CalendarRules } from '../calendars/rules.ts'
import { weekSeconds } from '../calendars/week.ts'
import { invalid } from '../shared/errors.ts'
import { type CalendarRow, type Configuration, type PolicyRow, requireNamed } from './configuration.ts'
import { freeName, slugOf } from './names.ts'

export const BREACH_ACTIONS = ['alert', 'escalate', 'reassign'] as const
export type BreachAction = (typeof BREACH_ACTIONS)[number]

/** What an admin says of a policy; names stand for rows, null for all of them. */
export interface PolicyInput {
  name: string
  position?: number | undefined
  priority?: string | null | undefined
  category?: string | null | undefined
  team?: string | null | undefined
  calendar_id?: number | undefined
  first_response_minutes: number
  resolution_minutes: number
  warning_percent?: number | undefined
  breach_actions?: readonly BreachAction[] | undefined
  is_active?: boolean | undefined
}

export type PolicyColumns = Omit<PolicyRow, 'id' | 'position' | 'changedAt'>

/**
 * The columns that input sets; those of members that are not given are absent.
 * @param own the policy that is changed
 * @throws DomainError 400 naming the member, 409 for a name that is taken
 */
export function columnsOf(
  current: Configuration,
  input: Partial<PolicyInput>,
  own?: number,
): Partial<PolicyColumns> {
  const set: Partial<PolicyColumns> = {}
  if (input.name !== undefined) set.name = freeName(current.policies, input.name, own)
  if (input.priority !== undefined) set.priorityId = idOf(current.priorities, input.priority, 'priority')
  if (input.category !== undefined) set.categoryId = idOf(current.categories, input.category, 'category')
  if (input.team !== undefined) {
    const teams = current.teams.map((team) => ({ ...team, slug: slugOf(team.name) }))
    set.teamId = idOf(teams, input.team, 'team')
  }
  if (input.calendar_id !== undefined) set.calendarId = input.calendar_id
  if (input.warning_percent !== undefined) set.warnPercent = input.warning_percent
  if (input.is_active !== undefined) set.isActive = input.is_active
  if (input.breach_actions !== undefined) {
    set.breachAlert = input.breach_actions.includes('alert')
    set.breachEscalate = input.breach_actions.includes('escalate')
    set.breachReassign = input.breach_actions.includes('reassign')
  }
  return set
}

function idOf(rows: Parameters<typeof requireNamed>[0], name: string | null, path: string): number | null {
  return name === null ? null : requireNamed(rows, name, path).id
}

/** A target may be longer than anybody waits, but no due time may be out of reach. */
export const MOST_SECONDS = 10 * 366 * 24 * 3_600
/** Years until a due time in a calendar that works little. */
const MOST_YEARS = 50

/**
 * A target in seconds.
 * @throws DomainError 400 at `path` for one that is no time, or that the calendar reaches in a lifetime only
 */
export function secondsOf(current: Configuration, calendarId: number, minutes: number, path: string): number {
  const seconds = Math.round(minutes * 60)
  if (!(seconds >= 1 && seconds <= MOST_SECONDS)) {
    throw invalid(path, 'must be between a second and ten years')
  }
  if (!isWithinReach(seconds, requireCalendar(current, calendarId).intervals)) {
    throw invalid(path, OUT_OF_REACH)
  }
  return seconds
}

export const OUT_OF_REACH = `takes more than ${MOST_YEARS} years of the calendar's working time`

/** True when so much working time passes within a lifetime, holidays aside; due times are looked for year by year. */
export function isWithinReach(seconds: number, intervals: CalendarRules['intervals']): boolean {
  return seconds <= MOST_YEARS * 52 * weekSeconds(intervals)
}

/** @throws DomainError 400 at `calendar_id` */
export function requireCalendar(current: Configuration, id: number): CalendarRow {
  const calendar = current.calendars.find((row) => row.id === id)
  if (calendar === undefined) throw invalid('calendar_id', 'is not the id of a calendar')
  return calendar
}

/**
 * The calendar that works around the clock, which is what a promise means that names none.
 * @throws DomainError 400 at `path` when there is none
 */
export function defaultCalendar(current: Configuration, path: string): CalendarRow {
  const calendar = current.calendars.find(
    (row) => row.holidays.length === 0 && weekSeconds(row.intervals) === 7 * 24 * 3_600,
  )
  if (calendar === undefined) throw invalid(path, 'is required: no calendar works around the clock')
  return calendar
}
