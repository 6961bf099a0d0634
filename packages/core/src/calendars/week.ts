import { type CalendarRules, minutesByWeekday } from './rules.ts'

/** Working seconds of a week without holidays. */
export function weekSeconds(intervals: CalendarRules['intervals']): number {
  const minutes = minutesByWeekday(intervals)
    .flat()
    .reduce((sum, { start, end }) => sum + end - start, 0)
  return minutes * 60
}
