import { type Database, defineStatement, type Publish, type Tx, takeChanges } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
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
  /** Is told what an effect changed; absent where nobody looks on. */
  publish?: Publish | undefined
}

/** Jobs whose rows this process has marked as done; nobody has to ask for them. */
const marked = new WeakSet<JobRun>()

const claimRow = defineStatement<{ id: string }, { id: string }>(
  'claim_job',
  sql`SELECT id FROM outbox WHERE id = ${sql.placeholder('id')} AND done_at IS NULL AND failed_at IS NULL FOR UPDATE`,
)
const markDone = defineStatement<{ id: string }, never>(
  'mark_job_done',
  sql`UPDATE outbox SET done_at = now(), lease_until = NULL WHERE id = ${sql.placeholder('id')}`,
)
const readRow = defineStatement<{ id: string }, { is_settled: boolean }>(
  'is_job_settled',
  sql`SELECT done_at IS NOT NULL OR failed_at IS NOT NULL AS is_settled FROM outbox WHERE id = ${sql.placeholder('id')}`,
)

/**
 * Runs the effect of a job and marks its row done in one transaction. A job that arrives twice acts once: the
 * second finds the row done, and one that runs at the same moment waits for the row's lock first.
 * Jobs that the effect emits are dispatched after the commit, and what it changed is published.
 * @returns what the effect returned, or undefined when it had been done before
 */
export async function once<R>(job: JobRun, effect: (tx: Tx) => Promise<R>): Promise<R | undefined> {
  const { result, owed, changes } = await job.db.transaction(async (tx) => {
    if (job.outboxId !== null && (await claimRow.run(tx, { id: job.outboxId })).length === 0) {
      return { result: undefined, owed: [], changes: undefined }
    }
    const result = await effect(tx)
    if (job.outboxId !== null) await markDone.run(tx, { id: job.outboxId })
    reached('effect', [job])
    return { result, owed: takeEmitted(tx), changes: takeChanges(tx) }
  })
  marked.add(job)
  reached('done', [job])
  job.dispatch(owed)
  if (changes !== undefined) job.publish?.(changes)
  return result
}

/** True when the row is done or dead already, to spare slow work that {@link once} would throw away. */
export async function isSettled(job: JobRun): Promise<boolean> {
  if (job.outboxId === null) return false
  if (marked.has(job)) return true
  const [row] = await readRow.run(job.db, { id: job.outboxId })
  return row === undefined || row.is_settled
}
