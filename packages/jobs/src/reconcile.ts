import { type Database, withSession } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { QUEUES, type QueueName } from './catalogue.ts'
import { failEach } from './dead-letters.ts'
import { MOST_ATTEMPTS } from './emit.ts'
import { type AskState, jobStates } from './job-state.ts'
import type { Logger } from './once.ts'
import { isQueueName, jobIdOf, type Queues } from './queues.ts'
import { isUntold } from './run-job.ts'
import { type Schedule, upsertSchedules } from './schedules.ts'
import { dropUnreadableJobs, removeUnreadable } from './unreadable-jobs.ts'

/** One reconciler at a time is enough; the others skip their turn. */
const RECONCILE_LOCK = 7_301_002
const PAGE = 500

export interface ReconcileOptions {
  /** How long after its dispatch a job is left alone. */
  graceSeconds: number
  log: Pick<Logger, 'error'>
  /** The product's by default. */
  schedules?: readonly Schedule[] | undefined
}

/**
 * Restores what Redis has lost: schedules, and rows that were dispatched but are missing there or failed there
 * by stalling, or while the database was away. Such a row becomes owed again and the relay sends it under a new job id.
 * Takes away what nobody can read.
 * @returns how many rows became owed again
 * @throws when any of it could not be done; the rest is done all the same
 */
export async function reconcileOnce(
  db: Database,
  queues: Queues,
  options: ReconcileOptions,
): Promise<number> {
  const [redis, rows] = await Promise.allSettled([
    dropUnreadableJobs(queues, options.log).then(() => upsertSchedules(queues, options.schedules)),
    reconcileInTurn(db, queues, options),
  ])
  if (redis.status === 'rejected') throw redis.reason
  if (rows.status === 'rejected') throw rows.reason
  return rows.value
}

async function reconcileInTurn(db: Database, queues: Queues, options: ReconcileOptions): Promise<number> {
  // The lock belongs to a session and ends with it; no transaction stays open while Redis is spoken to.
  return withSession(db, async (session) => {
    // A reconciler that is frozen must not keep the others from their turn; every change is guarded, should it wake.
    await session.execute(sql`SET idle_session_timeout = '60s'`)
    const [lock] = await session.execute<{ held: boolean }>(
      sql`SELECT pg_try_advisory_lock(${RECONCILE_LOCK}) AS held`,
    )
    return lock?.held ? await reconcileRows(db, queues, options) : 0
  })
}

async function reconcileRows(db: Database, queues: Queues, options: ReconcileOptions): Promise<number> {
  await forgetTheFuture(db)
  const ask = Object.fromEntries(QUEUES.map((name) => [name, jobStates(queues[name])])) as Asks
  let revived = 0
  let after = { dispatched_at: '-infinity', id: '00000000-0000-0000-0000-000000000000' }
  for (;;) {
    const rows = await db.execute<DispatchedRow>(
      sql`SELECT id, queue, attempts, dispatch_limit, dispatched_at::text FROM outbox
          WHERE dispatched_at < now() - make_interval(secs => ${options.graceSeconds})
            AND done_at IS NULL AND failed_at IS NULL
            AND (dispatched_at, id) > (${after.dispatched_at}::timestamptz, ${after.id}::uuid)
          ORDER BY dispatched_at, id LIMIT ${PAGE}`,
    )
    // Asked all at once: one journey to Redis a page.
    const verdicts = await Promise.all(rows.map((row) => judge(queues, ask, row)))
    await failEach(
      db,
      verdicts.flatMap((verdict) => ('reason' in verdict ? [verdict] : [])),
    )
    revived += await reviveRows(
      db,
      verdicts.flatMap((verdict) => ('again' in verdict ? [verdict] : [])),
    )
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return revived
    after = last
  }
}

type Asks = Record<QueueName, AskState>

interface DispatchedRow extends Record<string, unknown> {
  id: string
  queue: string
  attempts: number
  dispatch_limit: number
  dispatched_at: string
}

/** What is to become of a row: nothing, dead for a reason, or owed again because of what was seen. */
type Verdict = { row: DispatchedRow } | { row: DispatchedRow; reason: string } | AgainVerdict
type AgainVerdict = { row: DispatchedRow; again: string }

async function judge(queues: Queues, ask: Asks, row: DispatchedRow): Promise<Verdict> {
  if (!isQueueName(row.queue)) return { row, reason: `unknown queue "${row.queue}"` }
  // `attempts` was raised when it was dispatched: the job in Redis carries the number before that.
  const jobId = jobIdOf({ id: row.id, attempts: row.attempts - 1 })
  const seen = await ask[row.queue](jobId)
  if (seen.state === 'pending') return { row }
  if (seen.state === 'failed' && !/stalled/.test(seen.reason) && !isUntold(seen.reason)) {
    return { row, reason: seen.reason }
  }
  if (seen.state === 'unreadable') await removeUnreadable(queues[row.queue], jobId)
  // A completed job whose row is not done can only be one whose row was edited by hand: it goes out again too.
  if (row.attempts < Math.min(row.dispatch_limit, MOST_ATTEMPTS)) return { row, again: seen.state }
  return { row, reason: `dispatched ${row.attempts} times and never done (last seen ${seen.state})` }
}

/** Makes rows owed again, unless they were settled or sent by somebody else since they were looked at. */
async function reviveRows(db: Database, verdicts: readonly AgainVerdict[]): Promise<number> {
  if (verdicts.length === 0) return 0
  const list = (values: readonly (string | number)[]) => `{${values.join()}}`
  const revived = await db.execute(sql`
    UPDATE outbox SET dispatched_at = NULL, lease_until = NULL, last_error = 'sent again: ' || seen.state || ' in Redis'
    FROM unnest(
      ${list(verdicts.map(({ row }) => row.id))}::uuid[],
      ${list(verdicts.map(({ row }) => row.attempts))}::int[],
      ${list(verdicts.map(({ again }) => again))}::text[]
    ) AS seen (id, attempts, state)
    WHERE outbox.id = seen.id AND outbox.attempts = seen.attempts
      AND dispatched_at IS NOT NULL AND done_at IS NULL AND failed_at IS NULL`)
  return revived.count
}

/** A dispatch in the future was written by hand, and its grace would never begin: it counts as one of now. */
async function forgetTheFuture(db: Database): Promise<void> {
  await db.execute(sql`
    UPDATE outbox SET dispatched_at = now()
    WHERE dispatched_at > now() + interval '1 minute' AND done_at IS NULL AND failed_at IS NULL`)
}
