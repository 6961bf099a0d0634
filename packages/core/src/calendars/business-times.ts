import { calendarVersions, type Executor } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import type { Configuration } from '../config/configuration.ts'
import type { BusinessTime } from '../sla/clock.ts'
import { createBusinessTime } from './business-time.ts'
import type { CalendarRules } from './rules.ts'

/** More than a desk's calendars; versions that were replaced are asked for while clocks are counted anew. */
const MOST_KEPT = 500

type VersionRow = Pick<typeof calendarVersions.$inferSelect, 'id' | 'timeZone' | 'intervals' | 'holidays'>

/** The business time of a version that was loaded. */
export type TimeOf = (versionId: number) => BusinessTime

/** How each version of a calendar counts. Versions never change, so whoever has laid one out keeps it. */
export interface BusinessTimes {
  /** Reads a version by its id where it is not known yet. @throws Error for an id that is none */
  of(via: Executor, versionId: number): Promise<BusinessTime>
  /** The same for a row that the caller has. */
  from(row: VersionRow): BusinessTime
}

export function rulesOf(row: Omit<VersionRow, 'id'>): CalendarRules {
  return {
    timeZone: row.timeZone,
    intervals: row.intervals,
    holidays: row.holidays.map(({ date }) => date),
  }
}

export function createBusinessTimes(): BusinessTimes {
  const known = new Map<number, BusinessTime>()

  function from(row: VersionRow): BusinessTime {
    const made = known.get(row.id) ?? createBusinessTime(rulesOf(row))
    // The one that was asked for last is the newest of the map: the oldest goes first.
    known.delete(row.id)
    known.set(row.id, made)
    for (const [id] of known) {
      if (known.size <= MOST_KEPT) break
      known.delete(id)
    }
    return made
  }

  return {
    from,
    async of(via, versionId) {
      const laidOut = known.get(versionId)
      if (laidOut !== undefined) return laidOut
      const [row] = await via.select().from(calendarVersions).where(eq(calendarVersions.id, versionId))
      if (row === undefined) throw new Error(`there is no version ${versionId} of a calendar`)
      return from(row)
    },
  }
}

/** The business times of the calendars in force and of these versions, so that rules can ask for them without waiting. */
export async function businessTimes(
  via: Executor,
  { calendars, times }: Pick<Configuration, 'calendars' | 'times'>,
  versionIds: readonly number[],
): Promise<TimeOf> {
  const loaded = new Map(calendars.map((each) => [each.versionId, each.businessTime]))
  for (const id of new Set(versionIds)) if (!loaded.has(id)) loaded.set(id, await times.of(via, id))
  return (id) => {
    const time = loaded.get(id)
    if (time === undefined) throw new Error(`version ${id} of a calendar was not loaded`)
    return time
  }
}
