import { type Database, outbox, withSession } from '@servicedesk/db'
import { and, eq, isNull, lt, sql } from 'drizzle-orm'
import { failRows } from './dead-letters.ts'
import type { OutboxRow } from './emit.ts'
import { isQueueName, jobIdOf, type Queues } from './queues.ts'
import { upsertSchedules } from './schedules.ts'

/** One reconciler at a time is enough; the others skip their turn. */
const RECONCILE_LOCK = 7_301_002
const PAGE = 500

export interface ReconcileOptions {
  /** How long after its dispatch a job is left alone. */
  graceSeconds: number
}

/**
 * Restores what Redis has lost: schedules, and rows that were dispatched but are missing there or failed there
 * by stalling. Such a row becomes owed again and the relay sends it under a new job id.
 * @returns how many rows became owed again
 */
export async function reconcileOnce(
  db: Database,
  queues: Queues,
  options: ReconcileOptions,
): Promise<number> {
  await upsertSchedules(queues)
  // The lock belongs to a session and ends with it; no transaction stays open while Redis is spoken to.
  return withSession(db, async (session) => {
    const [lock] = await session.execute<{ held: boolean }>(
      sql`SELECT pg_try_advisory_lock(${RECONCILE_LOCK}) AS held`,
    )
    return lock?.held ? await reconcileRows(db, queues, options) : 0
  })
}

async function reconcileRows(db: Database, queues: Queues, options: ReconcileOptions): Promise<number> {
  let revived = 0
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const rows = await db.execute<{
      id: string
      queue: string
      name: string
      attempts: number
      dispatch_limit: number
      payload: null
      traceparent: null
    }>(
      sql`SELECT id, queue, name, attempts, dispatch_limit, NULL AS payload, NULL AS traceparent FROM outbox
          WHERE dispatched_at < now() - make_interval(secs => ${options.graceSeconds})
            AND done_at IS NULL AND failed_at IS NULL AND id > ${after}
          ORDER BY id LIMIT ${PAGE}`,
    )
    for (const row of rows) if (await reconcileRow(db, queues, row)) revived += 1
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return revived
    after = last.id
  }
}

async function reconcileRow(
  db: Database,
  queues: Queues,
  row: OutboxRow & { dispatch_limit: number },
): Promise<boolean> {
  if (!isQueueName(row.queue)) {
    await failRows(db, [row], `unknown queue "${row.queue}"`)
    return false
  }
  // `attempts` was raised when it was dispatched: the job in Redis carries the number before that.
  const job = await queues[row.queue].getJob(jobIdOf({ id: row.id, attempts: row.attempts - 1 }))
  const state = job === undefined ? 'missing' : await job.getState()
  if (state === 'failed' && job !== undefined && !/stalled/.test(job.failedReason)) {
    await failRows(db, [row], job.failedReason)
    return false
  }
  // A completed job whose row is not done can only be one whose row was edited by hand: it goes out again too.
  if (state !== 'missing' && state !== 'failed' && state !== 'unknown' && state !== 'completed') return false
  if (row.attempts >= row.dispatch_limit) {
    await failRows(db, [row], `dispatched ${row.attempts} times and never done (last seen ${state})`)
    return false
  }
  await db
    .update(outbox)
    .set({ dispatchedAt: null, leaseUntil: null, lastError: `sent again: ${state} in Redis` })
    .where(and(eq(outbox.id, row.id), isNull(outbox.doneAt), lt(outbox.dispatchedAt, sql`now()`)))
  return true
}
