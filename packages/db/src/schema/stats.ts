import { sql } from 'drizzle-orm'
import { bigint, check, date, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { id, instant, ref } from './columns.ts'

/** What a row of `stats_days` is about; `key_id` is the id of the agent and so on, 0 for none and for `all`. */
export const STATS_DIMENSIONS = ['all', 'agent', 'priority', 'category', 'team', 'status'] as const
export type StatsDimension = (typeof STATS_DIMENSIONS)[number]

/**
 * What one UTC day came to, by each dimension for itself. A cache: `stats.rollup` writes it from the rows and can write
 * it again. Deleted tickets count nowhere; who has a ticket and what it is are what it says now.
 */
export const statsDays = pgTable(
  'stats_days',
  {
    day: date('day').notNull(),
    dimension: text('dimension').$type<StatsDimension>().notNull(),
    keyId: ref('key_id').notNull(),
    /** Tickets that are resolved or closed and were settled on this day. */
    settled: integer('settled').notNull(),
    /** Of these, those whose resolution clock met its target, and those whose clock is breached. */
    met: integer('met').notNull(),
    violated: integer('violated').notNull(),
    /** Milliseconds from their creation to this. */
    handleMs: bigint('handle_ms', { mode: 'number' }).notNull(),
    /** Resolution clocks that breached on this day; those that stopped on it and never breached. */
    clocksBreached: integer('clocks_breached').notNull(),
    clocksKept: integer('clocks_kept').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.dimension, t.day, t.keyId] }),
    check(
      'stats_days_dimension',
      sql`${t.dimension} IN ('all', 'agent', 'priority', 'category', 'team', 'status')`,
    ),
  ],
)

/**
 * What a quarter of an hour came to; those in which nothing happened have no row. Every zone's offset of today is a
 * multiple of it, so the hours and days of any zone add up from these.
 */
export const statsSlots = pgTable(
  'stats_slots',
  {
    slot: instant('slot').primaryKey(),
    /** The UTC day in which it lies. */
    day: date('day').notNull(),
    created: integer('created').notNull(),
    resolved: integer('resolved').notNull(),
    reopened: integer('reopened').notNull(),
  },
  (t) => [index('stats_slots_day_idx').on(t.day)],
)

/** UTC days that have ended. */
export const statsRolled = pgTable('stats_rolled', {
  day: date('day').primaryKey(),
  /** A transaction id that was given after the day had ended: it is rolled when all before are over. */
  endXid: bigint('end_xid', { mode: 'number' }).notNull(),
  /** When its rows were last written; null while they never were. */
  rolledAt: instant('rolled_at'),
})

/**
 * "This past day has changed": written by triggers in the transaction of the change, deleted by the roll that has seen
 * it. A day with a mark is counted from the rows. Without a unique key, so no writer waits for another.
 */
export const statsMarks = pgTable('stats_marks', { id: id(), day: date('day').notNull() }, (t) => [
  index('stats_marks_day_idx').on(t.day),
])
