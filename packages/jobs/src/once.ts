import { type Database, outbox, type Tx } from '@servicedesk/db'
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { JobName, JobPayload } from './catalogue.ts'
import { type Dispatch, takeEmitted } from './emit.ts'
import { reached } from './milestones.ts'

/** Where a handler writes; pino's shape. */
export interface Logger {
  debug(data: object, message: string): void
  info(data: object, message: string): void
  warn(data: object, message: string): void
  error(data: object, message: string): void
}

/** One run of one job, as a handler sees it. */
export interface JobRun<K extends JobName = JobName> {
  name: K
  payload: JobPayload<K>
  /** The row that owes this job; null for a scheduled one. */
  outboxId: string | null
  /** 1 for the first try in this dispatch. */
  attempt: number
  /** No further try follows this one. */
  isLastAttempt: boolean
  /** How often a worker died, or froze, while it had this job in this dispatch. */
  stalls: number
  log: Logger
  db: Database
  dispatch: Dispatch
}

/**
 * Runs the effect of a job and marks its row done in one transaction. A job that arrives twice acts once: the
 * second finds the row done, and one that runs at the same moment waits for the row's lock first.
 * Jobs that the effect emits are dispatched after the commit.
 * @returns what the effect returned, or undefined when it had been done before
 */
export async function once<R>(job: JobRun, effect: (tx: Tx) => Promise<R>): Promise<R | undefined> {
  const { result, owed } = await job.db.transaction(async (tx) => {
    if (job.outboxId !== null && !(await claim(tx, job.outboxId))) return { result: undefined, owed: [] }
    const result = await effect(tx)
    if (job.outboxId !== null) {
      await tx.update(outbox).set({ doneAt: sql`now()`, leaseUntil: null }).where(eq(outbox.id, job.outboxId))
    }
    reached('effect', [job])
    return { result, owed: takeEmitted(tx) }
  })
  reached('done', [job])
  job.dispatch(owed)
  return result
}

async function claim(tx: Tx, outboxId: string): Promise<boolean> {
  const rows = await tx
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(eq(outbox.id, outboxId), isNull(outbox.doneAt), isNull(outbox.failedAt)))
    .for('update')
  return rows.length === 1
}

/** True when the row is done or dead already, to spare slow work that {@link once} would throw away. */
export async function isSettled(job: JobRun): Promise<boolean> {
  if (job.outboxId === null) return false
  const [row] = await job.db
    .select({ doneAt: outbox.doneAt, failedAt: outbox.failedAt })
    .from(outbox)
    .where(eq(outbox.id, job.outboxId))
  return row === undefined || row.doneAt !== null || row.failedAt !== null
}
