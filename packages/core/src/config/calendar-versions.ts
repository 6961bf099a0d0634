import { isDeepStrictEqual } from 'node:util'
import { calendarVersions } from '@servicedesk/db'
import { emit } from '@servicedesk/jobs/emit'
import { invalid } from '../shared/errors.ts'
import { assertWorks, type CalendarContent, inOrder, inWeekOrder } from './calendar-input.ts'
import type { CalendarRow } from './configuration.ts'
import type { Edit } from './editor.ts'
import { isWithinReach } from './policy-input.ts'

/**
 * Writes what a calendar says from now on, unless it says so already, and owes the clocks that count by it.
 * @throws DomainError 400 for a calendar without working time, or with too little for a policy that counts by it
 */
export async function writeVersion(
  { tx, current, now }: Edit,
  row: CalendarRow,
  content: CalendarContent,
): Promise<void> {
  const { timeZone, intervals, holidays } = content
  const before = {
    timeZone: row.timeZone,
    intervals: inWeekOrder(row.intervals),
    holidays: inOrder(row.holidays),
  }
  if (isDeepStrictEqual(before, { timeZone, intervals, holidays })) return
  assertWorks(content, now)
  const cut = current.policies.find(
    (policy) =>
      policy.calendarId === row.id &&
      !isWithinReach(Math.max(policy.firstResponseSeconds, policy.resolutionSeconds), intervals),
  )
  if (cut !== undefined)
    throw invalid('intervals', `leave too little time for the targets of policy ${cut.name}`)
  await tx
    .insert(calendarVersions)
    .values({ calendarId: row.id, timeZone, intervals, holidays, createdAt: now })
  await emit(tx, 'sla.recompute', {})
}
