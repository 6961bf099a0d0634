import { type SQL, sql } from 'drizzle-orm'

const HOURS = 3_600_000
const DAYS = 24 * HOURS

/** How long one kind of row is kept. */
export interface Retention {
  table: string
  /** An indexed instant: a row is deleted once it lies `keepMs` back. */
  since: string
  keepMs: number
  /** What else must hold of a row that is deleted. */
  only?: SQL
  reason: string
}

/**
 * Everything that is deleted for its age, in the order in which it is deleted. What is not named here is kept: dead
 * letters until an admin retries them, mails and the audit log as a record, unread alerts until they are read.
 */
export const RETENTION: readonly Retention[] = [
  {
    table: 'outbox',
    since: 'done_at',
    keepMs: 24 * HOURS,
    reason:
      'A done row only tells what was done, and the table is the hottest of all; a day is for finding out.',
  },
  {
    table: 'idempotency_keys',
    since: 'created_at',
    keepMs: 25 * HOURS,
    reason: 'Keys are honoured for 24 hours; an hour more, because hosts disagree about the time.',
  },
  {
    table: 'refresh_tokens',
    since: 'expires_at',
    keepMs: DAYS,
    reason: 'An expired token opens nothing, spent or not. Before its session: a long one has thousands.',
  },
  {
    table: 'sessions',
    since: 'expires_at',
    keepMs: 30 * DAYS,
    reason: 'Where somebody was signed in, and why it ended, is asked for within weeks of an incident.',
  },
  {
    table: 'auth_tokens',
    since: 'expires_at',
    keepMs: 30 * DAYS,
    reason: 'That an invitation or a reset was sent and used is asked for with the sessions it led to.',
  },
  {
    table: 'alerts',
    since: 'created_at',
    keepMs: 90 * DAYS,
    only: sql`is_read`,
    reason:
      'What was read is history, and the ticket has its own; a quarter is more than anybody scrolls back.',
  },
]
