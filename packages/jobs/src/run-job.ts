import type { Database } from '@servicedesk/db'
import { type Job, UnrecoverableError } from 'bullmq'
import type { JobName } from './catalogue.ts'
import { failRows } from './dead-letters.ts'
import type { Dispatch } from './emit.ts'
import { isSettled, type JobRun, type Logger, once } from './once.ts'
import { InvalidJob, parseJobName, parsePayload } from './payload.ts'
import { outboxIdOf } from './queues.ts'
import { toSafeError } from './safe-error.ts'

/** A handler: parse, call core, done. It throws to fail. */
export type Handler<K extends JobName, Deps> = (job: JobRun<K>, deps: Deps) => Promise<void>
/** All of them; leaving one out does not compile. */
export type Handlers<Deps> = { [K in JobName]: Handler<K, Deps> }

export interface RunContext<Deps> {
  db: Database
  dispatch: Dispatch
  handlers: Handlers<Deps>
  deps: Deps
  log: Logger
}

/**
 * What BullMQ calls for every job. A failure that no retry follows makes the outbox row a dead letter with
 * its reason; a handler that ends without an effect (its entity is gone) still settles the row.
 */
export async function runJob<Deps>(context: RunContext<Deps>, job: Job): Promise<void> {
  const outboxId = outboxIdOf(job.id)
  const attempts = job.opts.attempts ?? 1
  const isLastAttempt = job.attemptsMade + 1 >= attempts
  try {
    const name = parseJobName(job.name)
    const run: JobRun = {
      name,
      payload: parsePayload(name, job.data),
      outboxId,
      attempt: job.attemptsMade + 1,
      isLastAttempt,
      log: context.log,
      db: context.db,
      dispatch: context.dispatch,
    }
    if (await isSettled(run)) return
    // The catalogue ties payload to name; the compiler cannot follow that through an indexed call.
    const handler = context.handlers[name] as Handler<JobName, Deps>
    await handler(run, context.deps)
    if (outboxId !== null && !(await isSettled(run))) await once(run, async () => undefined)
  } catch (cause) {
    const error = cause instanceof InvalidJob ? new UnrecoverableError(cause.message) : toSafeError(cause)
    if (outboxId !== null && (isLastAttempt || error instanceof UnrecoverableError)) {
      await failRows(context.db, [{ id: outboxId }], error.message)
    }
    throw error
  }
}
