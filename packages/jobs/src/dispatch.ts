import { context } from '@opentelemetry/api'
import { type Database, outbox } from '@servicedesk/db'
import { inArray, sql } from 'drizzle-orm'
import { failRows } from './dead-letters.ts'
import type { Dispatch, OutboxRow } from './emit.ts'
import { reached } from './milestones.ts'
import type { JobObserver } from './observe.ts'
import { isQueueName, jobIdOf, jobOptions, type Queues } from './queues.ts'
import { batchContext, tracedBy } from './trace-context.ts'

/**
 * Hands leased rows to their queues, then marks them dispatched. When it dies in between, the lease runs out
 * and the rows go out again under the same job id, which BullMQ ignores if it still has it.
 * @returns how many rows were dispatched
 * @throws when Redis or PostgreSQL cannot be reached; the rows stay owed
 */
export async function dispatchRows(
  db: Database,
  queues: Queues,
  rows: readonly OutboxRow[],
): Promise<number> {
  const byQueue = new Map<string, OutboxRow[]>()
  for (const row of rows) {
    const group = byQueue.get(row.queue)
    if (group === undefined) byQueue.set(row.queue, [row])
    else group.push(row)
  }
  const sent: string[] = []
  for (const [name, group] of byQueue) {
    if (!isQueueName(name)) {
      await failRows(db, group, `unknown queue "${name}"`)
      continue
    }
    const jobs = group.map((row) => ({
      name: row.name,
      data: row.payload,
      opts: { ...jobOptions(row.name), ...tracedBy(row), jobId: jobIdOf(row) },
    }))
    // Not in the context of whoever happened to call: a batch gathers what many requests owe.
    await context.with(batchContext(group), () => queues[name].addBulk(jobs))
    sent.push(...group.map((row) => row.id))
  }
  reached('enqueued', rows)
  if (sent.length > 0) {
    await db
      .update(outbox)
      .set({ dispatchedAt: sql`now()`, leaseUntil: null, attempts: sql`${outbox.attempts} + 1` })
      .where(inArray(outbox.id, sent))
  }
  return sent.length
}

export interface Dispatcher {
  dispatch: Dispatch
  /** Sends what is still collected and waits for it. */
  close(): Promise<void>
}

/**
 * Collects rows of many commits for about 5 ms and dispatches them together: one `addBulk` a queue instead of
 * one `add` a request (measured: 0.50 of a bare insert instead of 0.32).
 */
export function createDispatcher(
  deps: {
    db: Database
    queues: Queues
    onError: (error: unknown) => void
    observer?: Pick<JobObserver, 'batchSent'> | undefined
  },
  windowMs = 5,
): Dispatcher {
  let collected: OutboxRow[] = []
  let timer: NodeJS.Timeout | undefined
  const running = new Set<Promise<unknown>>()

  function flush() {
    timer = undefined
    const rows = collected
    collected = []
    if (rows.length === 0) return
    // Whatever fails here stays owed in the outbox and is the relay's.
    const told = (isSent: boolean) => deps.observer?.batchSent({ by: 'commit', rows: rows.length, isSent })
    const sending = dispatchRows(deps.db, deps.queues, rows)
      .then(
        () => told(true),
        (error: unknown) => {
          told(false)
          deps.onError(error)
        },
      )
      .finally(() => running.delete(sending))
    running.add(sending)
  }

  return {
    dispatch(rows) {
      reached('committed', rows)
      collected.push(...rows)
      timer ??= setTimeout(flush, windowMs)
    },
    async close() {
      clearTimeout(timer)
      flush()
      await Promise.all(running)
    },
  }
}
