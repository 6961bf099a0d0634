import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from './columns.ts'

/** Every job that a committed change owes; a row is owed until it is done or dead (`failed_at`). */
export const outbox = pgTable(
  'outbox',
  {
    id: uuid('id').primaryKey().default(sql`uuidv7()`),
    queue: text('queue').notNull(),
    name: text('name').notNull(),
    payload: jsonb('payload').$type<unknown>().notNull(),
    traceparent: text('traceparent'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    availableAt: instant('available_at').notNull().default(sql`now()`),
    /** Until then the process that holds the lease is the only one to dispatch it. */
    leaseUntil: instant('lease_until'),
    dispatchedAt: instant('dispatched_at'),
    doneAt: instant('done_at'),
    failedAt: instant('failed_at'),
    /** How often it was handed to the queue. It never falls: the next job's id is made of it. */
    attempts: integer('attempts').notNull().default(0),
    /** The `attempts` at which a row that never gets done is given up; an admin's retry raises it. */
    dispatchLimit: integer('dispatch_limit').notNull().default(20),
    lastError: text('last_error'),
  },
  (t) => [
    index('outbox_owed_idx')
      .on(t.availableAt, t.id)
      .where(sql`${t.dispatchedAt} IS NULL AND ${t.doneAt} IS NULL AND ${t.failedAt} IS NULL`),
    index('outbox_dispatched_idx')
      .on(t.dispatchedAt, t.id)
      .where(sql`${t.dispatchedAt} IS NOT NULL AND ${t.doneAt} IS NULL AND ${t.failedAt} IS NULL`),
    index('outbox_dead_idx').on(t.failedAt).where(sql`${t.failedAt} IS NOT NULL`),
    index('outbox_done_idx').on(t.doneAt).where(sql`${t.doneAt} IS NOT NULL`),
    // A job's id is made of it, and it must still be possible to count on.
    check('outbox_attempts', sql`${t.attempts} BETWEEN 0 AND 1000000`),
    check('outbox_one_end', sql`${t.doneAt} IS NULL OR ${t.failedAt} IS NULL`),
  ],
)
