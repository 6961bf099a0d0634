import {
  type CalendarHoliday,
  type CalendarInterval,
  calendars,
  calendarVersions,
  categories,
  type Database,
  type Executor,
  priorities,
  type StatusClass,
  settings,
  slaPolicies,
  statuses,
  teams,
  transitionRoles,
  transitions,
} from '@servicedesk/db'
import { asc, desc, eq } from 'drizzle-orm'
import { type AssignmentSettings, parseAssignmentSettings } from '../assignment/assignment-settings.ts'
import { type BusinessTimes, createBusinessTimes } from '../calendars/business-times.ts'
import { DEFAULT_MAIL, type MailSettings } from '../mail/mail-settings.ts'
import type { RoleName } from '../policy/roles.ts'
import { invalid } from '../shared/errors.ts'
import type { Clock } from '../shared/ports.ts'
import type { BusinessTime } from '../sla/clock.ts'

export interface Named {
  id: number
  name: string
  slug: string
}

export type StatusRow = Named & { class: StatusClass; description: string; color: string; position: number }
export type PriorityRow = Named & { rank: number; colorCode: string }
export type CategoryRow = Named & { description: string; teamId: number | null }
export type TeamRow = typeof teams.$inferSelect
export type PolicyRow = typeof slaPolicies.$inferSelect
/** A calendar as its newest version has it. */
export interface CalendarRow {
  id: number
  name: string
  versionId: number
  /** Since when this version holds. */
  changedAt: Date
  timeZone: string
  intervals: CalendarInterval[]
  holidays: CalendarHoliday[]
  businessTime: BusinessTime
}
export interface TransitionRow {
  id: number
  fromStatusId: number
  toStatusId: number
  roles: RoleName[]
}

/** The desk's configuration, all of it: a few dozen rows. */
export interface Configuration {
  statuses: StatusRow[]
  priorities: PriorityRow[]
  categories: CategoryRow[]
  teams: TeamRow[]
  policies: PolicyRow[]
  transitions: TransitionRow[]
  calendars: CalendarRow[]
  assignment: AssignmentSettings
  /** How the calendars count. */
  times: BusinessTimes
  mail: MailSettings
}

/** What of the configuration a process has had since it started. */
type Lasting = Pick<Configuration, 'times' | 'mail'>

export interface ConfigurationCache {
  /**
   * At most a second old; `fresh` reads it anew. Inside a transaction its handle must be given as `within`: a
   * transaction that waited for another connection of the pool would wait for ever when all are held by its like.
   */
  get(options?: { fresh?: boolean; within?: Executor | undefined }): Promise<Configuration>
  /** Called after an edit, so that its author sees it at once. */
  invalidate(): void
}

const MAX_AGE_MS = 1_000

/**
 * Keeps the configuration for a second a process: every request needs it, and it hardly ever changes.
 * @param mail comes from the process's environment, the rest from the database
 */
export function createConfigurationCache(
  db: Database,
  clock: Clock,
  mail: MailSettings = DEFAULT_MAIL,
): ConfigurationCache {
  let known: { at: number; value: Configuration } | undefined
  let reading: { at: number; value: Promise<Configuration> } | undefined
  let edits = 0
  const lasting = { times: createBusinessTimes(), mail }
  const isRecent = (at: number, now: number) => Math.abs(now - at) <= MAX_AGE_MS

  /** A failed read is not remembered, nor one that an edit has overtaken. */
  async function read(via: Executor, now: number): Promise<Configuration> {
    const before = edits
    const value = await readConfiguration(via, lasting)
    if (before === edits) known = { at: now, value }
    return value
  }

  return {
    async get({ fresh = false, within } = {}) {
      const now = clock.now().getTime()
      if (!fresh && known !== undefined && isRecent(known.at, now)) return known.value
      // Nor is a read waited for that others make through the pool.
      if (within !== undefined && within !== db) return read(within, now)
      if (!fresh && reading !== undefined && isRecent(reading.at, now)) return reading.value
      const entry = { at: now, value: read(db, now) }
      reading = entry
      const forget = () => {
        if (reading === entry) reading = undefined
      }
      entry.value.then(forget, forget)
      return entry.value
    },
    invalidate() {
      edits += 1
      known = undefined
      reading = undefined
    },
  }
}

/** Reads all of it, past the cache: also what a transaction has changed and not committed. */
export async function readConfiguration(db: Executor, { times, mail }: Lasting): Promise<Configuration> {
  const [statusRows, priorityRows, categoryRows, teamRows, policies, moves, settingRows, calendarRows] =
    await Promise.all([
      db.select().from(statuses).orderBy(asc(statuses.position), asc(statuses.id)),
      db.select().from(priorities).orderBy(asc(priorities.rank)),
      db.select().from(categories).orderBy(asc(categories.id)),
      db.select().from(teams).orderBy(asc(teams.id)),
      db.select().from(slaPolicies).orderBy(asc(slaPolicies.position)),
      db
        .select({
          id: transitions.id,
          fromStatusId: transitions.fromStatusId,
          toStatusId: transitions.toStatusId,
          role: transitionRoles.role,
        })
        .from(transitions)
        .leftJoin(transitionRoles, eq(transitionRoles.transitionId, transitions.id))
        .orderBy(asc(transitions.id)),
      db.select().from(settings),
      db
        .selectDistinctOn([calendars.id], {
          id: calendars.id,
          name: calendars.name,
          versionId: calendarVersions.id,
          changedAt: calendarVersions.createdAt,
          timeZone: calendarVersions.timeZone,
          intervals: calendarVersions.intervals,
          holidays: calendarVersions.holidays,
        })
        .from(calendars)
        .innerJoin(calendarVersions, eq(calendarVersions.calendarId, calendars.id))
        .orderBy(asc(calendars.id), desc(calendarVersions.id)),
    ])

  return {
    statuses: statusRows,
    priorities: priorityRows,
    categories: categoryRows,
    teams: teamRows,
    policies,
    transitions: groupTransitions(moves),
    calendars: calendarRows.map((row) => ({
      ...row,
      businessTime: times.from({ ...row, id: row.versionId }),
    })),
    assignment: parseAssignmentSettings(settingRows.find((row) => row.key === 'assignment')?.value),
    times,
    mail,
  }
}

function groupTransitions(
  rows: { id: number; fromStatusId: number; toStatusId: number; role: string | null }[],
): TransitionRow[] {
  const byId = new Map<number, TransitionRow>()
  for (const { role, ...row } of rows) {
    const transition = byId.get(row.id) ?? { ...row, roles: [] }
    if (role !== null) transition.roles.push(role as RoleName)
    byId.set(row.id, transition)
  }
  return [...byId.values()]
}

/** Finds a row by its name in any case, or by its slug. */
export function findNamed<T extends Named>(rows: readonly T[], text: string): T | undefined {
  const wanted = text.trim().toLowerCase()
  return rows.find((row) => row.name.toLowerCase() === wanted || row.slug === wanted.replace(/[\s-]+/g, '_'))
}

/**
 * Finds a row that input names.
 * @throws DomainError 400 at `path`, naming what would have been right
 */
export function requireNamed<T extends Named>(rows: readonly T[], text: string, path: string): T {
  const row = findNamed(rows, text)
  if (row === undefined) throw invalid(path, `must be one of ${rows.map((each) => each.name).join(', ')}`)
  return row
}

/**
 * The calendar of a policy.
 * @throws Error when it is missing, which a foreign key forbids
 */
export function calendarOf(configuration: Configuration, policy: PolicyRow): CalendarRow {
  const row = configuration.calendars.find((calendar) => calendar.id === policy.calendarId)
  if (row === undefined) throw new Error(`calendar ${policy.calendarId} is not configured`)
  return row
}

/** The first status of a class, which is what "New becomes Open" and the like mean. */
export function firstOfClass(configuration: Configuration, wanted: StatusClass): StatusRow {
  const row = configuration.statuses.find((status) => status.class === wanted)
  if (row === undefined) throw new Error(`no status of class ${wanted} is configured`)
  return row
}
