import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
} from 'drizzle-orm/pg-core'
import { id, instant, ref } from './columns.ts'
import { categories, priorities, teams } from './config.ts'
import { tickets } from './tickets.ts'

export type Metric = 'first_response' | 'resolution'
export type ClockState = 'running' | 'paused' | 'stopped'

export const calendars = pgTable('calendars', {
  id: id(),
  name: text('name').notNull().unique(),
})

/** Wall-clock minutes from midnight by ISO weekday (Monday is 1); an end at or before the start runs past midnight. */
export interface CalendarInterval {
  weekday: number
  startMinute: number
  endMinute: number
}

/** A whole local day off; `date` is `2026-12-25`. */
export interface CalendarHoliday {
  date: string
  name: string
}

/**
 * What a calendar said from an instant on; the newest version is the calendar's. Versions never change, so that time
 * which was counted by one can be counted again.
 */
export const calendarVersions = pgTable(
  'calendar_versions',
  {
    id: id(),
    /** Null when the calendar was deleted; clocks that it timed keep the version. */
    calendarId: ref('calendar_id').references(() => calendars.id, { onDelete: 'set null' }),
    timeZone: text('time_zone').notNull(),
    intervals: jsonb('intervals').$type<CalendarInterval[]>().notNull(),
    holidays: jsonb('holidays').$type<CalendarHoliday[]>().notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    index('calendar_versions_calendar_idx').on(t.calendarId, t.id),
    check('calendar_versions_intervals', sql`jsonb_array_length(${t.intervals}) > 0`),
    check('calendar_versions_holidays', sql`jsonb_typeof(${t.holidays}) = 'array'`),
  ],
)

/** The first policy by position whose given members match a ticket applies; a null matches everything. */
export const slaPolicies = pgTable(
  'sla_policies',
  {
    id: id(),
    name: text('name').notNull().unique(),
    position: integer('position').notNull().unique(),
    priorityId: ref('priority_id').references(() => priorities.id),
    categoryId: ref('category_id').references(() => categories.id),
    teamId: ref('team_id').references(() => teams.id),
    calendarId: ref('calendar_id')
      .notNull()
      .references(() => calendars.id),
    firstResponseSeconds: integer('first_response_seconds').notNull(),
    resolutionSeconds: integer('resolution_seconds').notNull(),
    /** The share of the target after which the assignee is warned. */
    warnPercent: smallint('warn_percent').notNull().default(80),
    /** What a breach does besides being recorded. */
    breachAlert: boolean('breach_alert').notNull().default(true),
    breachEscalate: boolean('breach_escalate').notNull().default(false),
    breachReassign: boolean('breach_reassign').notNull().default(false),
    /** A policy that is not active matches nothing; it stays for the clocks that it timed. */
    isActive: boolean('is_active').notNull().default(true),
    /** Since when it says what it says: open clocks are counted by it from then on. */
    changedAt: instant('changed_at').notNull().defaultNow(),
  },
  (t) => [
    index('sla_policies_priority_idx').on(t.priorityId),
    index('sla_policies_category_idx').on(t.categoryId),
    index('sla_policies_team_idx').on(t.teamId),
    index('sla_policies_calendar_idx').on(t.calendarId),
    check('sla_policies_targets', sql`${t.firstResponseSeconds} > 0 AND ${t.resolutionSeconds} > 0`),
    check('sla_policies_warn', sql`${t.warnPercent} BETWEEN 1 AND 100`),
  ],
)

/** The cached state of a ticket's clock; `sla_clock_events` is its log and can rebuild it. */
export const slaClocks = pgTable(
  'sla_clocks',
  {
    id: id(),
    ticketId: ref('ticket_id')
      .notNull()
      .references(() => tickets.id),
    metric: text('metric').$type<Metric>().notNull(),
    policyId: ref('policy_id')
      .notNull()
      .references(() => slaPolicies.id),
    targetSeconds: integer('target_seconds').notNull(),
    warnPercent: smallint('warn_percent').notNull(),
    /** What the running span is counted by; spans before it were counted by what held then. */
    calendarVersionId: ref('calendar_version_id')
      .notNull()
      .references(() => calendarVersions.id),
    state: text('state').$type<ClockState>().notNull(),
    /** Business time that passed before `running_since`. */
    elapsedMs: bigint('elapsed_ms', { mode: 'number' }).notNull().default(0),
    runningSince: instant('running_since'),
    warnAt: instant('warn_at'),
    dueAt: instant('due_at'),
    pausedAt: instant('paused_at'),
    warnedAt: instant('warned_at'),
    breachedAt: instant('breached_at'),
    stoppedAt: instant('stopped_at'),
    /** The `seq` of the newest event in the log. */
    eventSeq: integer('event_seq').notNull().default(0),
  },
  (t) => [
    unique('sla_clocks_ticket_metric_key').on(t.ticketId, t.metric),
    index('sla_clocks_policy_idx').on(t.policyId),
    index('sla_clocks_calendar_version_idx').on(t.calendarVersionId),
    index('sla_clocks_due_idx').on(t.dueAt).where(sql`${t.state} = 'running' AND ${t.breachedAt} IS NULL`),
    index('sla_clocks_warn_idx')
      .on(t.warnAt)
      .where(sql`${t.state} = 'running' AND ${t.warnedAt} IS NULL AND ${t.breachedAt} IS NULL`),
    index('sla_clocks_breached_idx').on(t.breachedAt).where(sql`${t.breachedAt} IS NOT NULL`),
    index('sla_clocks_kept_idx')
      .on(t.stoppedAt)
      .where(sql`${t.metric} = 'resolution' AND ${t.stoppedAt} IS NOT NULL AND ${t.breachedAt} IS NULL`),
    // Late ones, by the time that they were late: which were at an instant is one look, however many there are.
    index('sla_clocks_late_idx')
      .using('gist', sql`tstzrange(${t.breachedAt}, ${t.stoppedAt}, '[]')`)
      .where(sql`${t.metric} = 'resolution' AND ${t.breachedAt} < ${t.stoppedAt}`),
    // Promises of what is open that are broken or about to be.
    index('sla_clocks_alarm_idx')
      .on(t.ticketId)
      .where(
        sql`${t.metric} = 'resolution' AND ${t.state} <> 'stopped' AND (${t.breachedAt} IS NOT NULL OR ${t.warnedAt} IS NOT NULL)`,
      ),
    // The ticket list by due time, and those whose promise is broken.
    index('sla_clocks_due_order_idx')
      .on(t.dueAt, t.ticketId)
      .where(sql`${t.metric} = 'resolution' AND ${t.dueAt} IS NOT NULL`),
    index('sla_clocks_violated_idx')
      .on(t.ticketId)
      .where(sql`${t.metric} = 'resolution' AND ${t.breachedAt} IS NOT NULL`),
    check('sla_clocks_metric', sql`${t.metric} IN ('first_response', 'resolution')`),
    check('sla_clocks_warn', sql`${t.warnPercent} BETWEEN 1 AND 100`),
    check('sla_clocks_target', sql`${t.targetSeconds} > 0 AND ${t.elapsedMs} >= 0`),
    check(
      'sla_clocks_state',
      sql`(${t.state} = 'running' AND ${t.runningSince} IS NOT NULL AND ${t.dueAt} IS NOT NULL)
       OR (${t.state} = 'paused' AND ${t.pausedAt} IS NOT NULL AND ${t.runningSince} IS NULL)
       OR (${t.state} = 'stopped' AND ${t.stoppedAt} IS NOT NULL AND ${t.runningSince} IS NULL)`,
    ),
  ],
)

export const slaClockEvents = pgTable(
  'sla_clock_events',
  {
    clockId: ref('clock_id')
      .notNull()
      .references(() => slaClocks.id),
    seq: integer('seq').notNull(),
    type: text('type').notNull(),
    at: instant('at').notNull(),
    data: jsonb('data').$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [
    primaryKey({ columns: [t.clockId, t.seq] }),
    check(
      'sla_clock_events_type',
      sql`${t.type} IN ('start', 'pause', 'resume', 'stop', 'apply_policy', 'warn', 'breach')`,
    ),
  ],
)
