import { type Database, outbox, type Publish } from '@servicedesk/db'
import { type Job, UnrecoverableError } from 'bullmq'
import { eq } from 'drizzle-orm'
import { isJobName, type JobName } from './catalogue.ts'
import { failRows } from './dead-letters.ts'
import type { Dispatch } from './emit.ts'
import { inSpan } from './in-span.ts'
import type { JobObserver, JobOutcome } from './observe.ts'
import { isSettled, type JobRun, type Logger, once } from './once.ts'
import { InvalidJob, parseJobName, parsePayload } from './payload.ts'
import { outboxIdOf } from './queues.ts'
import { safeMessage, toSafeError } from './safe-error.ts'

/** A handler: parse, call core, done. It throws to fail. */
export type Handler<K extends JobName, Deps> = (job: JobRun<K>, deps: Deps) => Promise<void>
/** All of them; leaving one out does not compile. */
export type Handlers<Deps> = { [K in JobName]: Handler<K, Deps> }

export interface RunContext<Deps> {
  db: Database
  dispatch: Dispatch
  publish?: Publish | undefined
  handlers: Handlers<Deps>
  deps: Deps
  log: Logger
  observer?: JobObserver | undefined
}

/**
 * What BullMQ calls for every job. A failure that no retry follows makes the outbox row a dead letter with
 * its reason; a handler that ends without an effect (its entity is gone) still settles the row.
 */
export async function runJob<Deps>(context: RunContext<Deps>, job: Job): Promise<void> {
  const outboxId = outboxIdOf(job.id)
  const attempt = job.attemptsMade + 1
  const isLastAttempt = attempt >= (job.opts.attempts ?? 1)
  const name = isJobName(job.name) ? job.name : 'unknown'
  const attributes = { 'servicedesk.job.attempt': attempt, 'servicedesk.outbox.id': outboxId ?? '' }
  const startedAt = performance.now()
  let outcome: JobOutcome = 'retried'
  try {
    const handle = () =>
      handleJob(context, job, { outboxId, attempt, isLastAttempt, stalls: job.stalledCounter })
    outcome = await inSpan(name, attributes, handle)
  } catch (cause) {
    const error = cause instanceof InvalidJob ? new UnrecoverableError(cause.message) : toSafeError(cause)
    if (isLastAttempt || error instanceof UnrecoverableError) {
      outcome = 'failed'
      if (outboxId !== null) await giveUp(context.db, outboxId, error)
    }
    throw error
  } finally {
    context.observer?.jobEnded({ job: name, outcome, seconds: (performance.now() - startedAt) / 1_000 })
  }
}

const UNTOLD = 'PostgreSQL could not be told of the failure'

/** True for what BullMQ has of a job that failed while the database was away: the reconciler sends its row again. */
export const isUntold = (reason: string): boolean => reason.startsWith(UNTOLD)

/**
 * Makes the row a dead letter.
 * @throws an error that {@link isUntold} knows when it cannot be written down. What keeps the database from that is, as
 *   a rule, what failed the job too: no outage is to cost a job its tries.
 */
async function giveUp(db: Database, outboxId: string, error: Error): Promise<void> {
  try {
    await failRows(db, [{ id: outboxId }], error.message)
  } catch (cause) {
    throw new Error(`${UNTOLD}: ${safeMessage(cause)}; it was: ${error.message}`)
  }
}

async function handleJob<Deps>(
  context: RunContext<Deps>,
  job: Job,
  turn: Pick<JobRun, 'outboxId' | 'attempt' | 'isLastAttempt' | 'stalls'>,
): Promise<JobOutcome> {
  const { handlers, deps, db, dispatch, publish, log } = context
  const { name, payload } = await readJob(db, job, turn.outboxId)
  const run: JobRun = { name, payload, ...turn, log, db, dispatch, publish }
  if (await isSettled(run)) return 'skipped'
  // The catalogue ties payload to name; the compiler cannot follow that through an indexed call.
  const handler = handlers[name] as Handler<JobName, Deps>
  await handler(run, deps)
  if (run.outboxId !== null && !(await isSettled(run))) await once(run, async () => undefined)
  return 'done'
}

/**
 * Name and payload as Redis has them; where those cannot work, as the row has them, which is the truth.
 * @throws InvalidJob when the row's cannot work either
 */
async function readJob(
  db: Database,
  job: Job,
  outboxId: string | null,
): Promise<Pick<JobRun, 'name' | 'payload'>> {
  try {
    return parseJob(job.name, job.data)
  } catch (error) {
    if (outboxId === null) throw error
    const [row] = await db
      .select({ name: outbox.name, payload: outbox.payload })
      .from(outbox)
      .where(eq(outbox.id, outboxId))
    if (row === undefined) throw error
    return parseJob(row.name, row.payload)
  }
}

function parseJob(given: string, payload: unknown): Pick<JobRun, 'name' | 'payload'> {
  const name = parseJobName(given)
  return { name, payload: parsePayload(name, payload) }
}
