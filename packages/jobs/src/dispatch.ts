import type { Database } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { QueueName } from './catalogue.ts'
import { type DeadRow, failEach } from './dead-letters.ts'
import { type Dispatch, MOST_ATTEMPTS, type OutboxRow } from './emit.ts'
import { reached } from './milestones.ts'
import type { JobObserver } from './observe.ts'
import type { Queues } from './queues.ts'
import { placeOf, sendJobs } from './send-jobs.ts'

/**
 * Hands leased rows to their queues, then marks them dispatched. When it dies in between, the lease runs out
 * and the rows go out again under the same job id, which BullMQ ignores if it still has it. A row that no queue will
 * ever take becomes a dead letter and holds up no other.
 * @returns how many rows were dispatched
 * @throws when Redis or PostgreSQL cannot be reached; the rows that did not go out stay owed
 */
export async function dispatchRows(
  db: Database,
  queues: Queues,
  rows: readonly OutboxRow[],
): Promise<number> {
  const refused: DeadRow[] = []
  const sent: OutboxRow[] = []
  const errors: unknown[] = []
  const byQueue = new Map<QueueName, OutboxRow[]>()
  for (const row of rows) {
    const place = placeOf(row)
    if ('problem' in place) refused.push({ row, reason: place.problem })
    else
      byQueue
        .set(place.queue, byQueue.get(place.queue) ?? [])
        .get(place.queue)
        ?.push(row)
  }
  for (const [name, group] of byQueue) {
    const outcome = await sendJobs(queues[name], group)
    sent.push(...outcome.sent)
    refused.push(...outcome.refused)
    if (outcome.error !== undefined) errors.push(outcome.error)
  }
  reached('enqueued', sent)
  await markDispatched(db, sent)
  await failEach(db, refused)
  if (errors.length > 0) throw errors[0]
  return sent.length
}

/**
 * Only as often as the row had been dispatched when it was leased: whoever lost the lease, sent the row all the same
 * and comes late must not count it a second time, or nobody would find its job by the number.
 */
async function markDispatched(db: Database, rows: readonly OutboxRow[]): Promise<void> {
  if (rows.length === 0) return
  const ids = `{${rows.map((row) => row.id).join()}}`
  const attempts = `{${rows.map((row) => row.attempts).join()}}`
  await db.execute(sql`
    UPDATE outbox
    SET dispatched_at = now(), lease_until = NULL, attempts = least(sent.attempts + 1, ${MOST_ATTEMPTS}::int)
    FROM unnest(${ids}::uuid[], ${attempts}::int[]) AS sent (id, attempts)
    WHERE outbox.id = sent.id AND outbox.attempts = sent.attempts`)
}

export interface Dispatcher {
  dispatch: Dispatch
  /** Sends what is still collected and waits for it. */
  close(): Promise<void>
}

/**
 * Collects rows of many commits for about 5 ms and dispatches them together: one `addBulk` a queue instead of
 * one `add` a request (measured: 0.50 of a bare insert instead of 0.32). One batch at a time: what is committed while one is on
 * its way is the next, so that batches grow with the load.
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
  let sending: Promise<void> | undefined

  function flush() {
    timer = undefined
    if (sending !== undefined || collected.length === 0) return
    const rows = collected
    collected = []
    sending = send(rows).finally(() => {
      sending = undefined
      flush()
    })
  }

  /** Whatever fails here stays owed in the outbox and is the relay's. */
  async function send(rows: readonly OutboxRow[]): Promise<void> {
    const told = (isSent: boolean) => deps.observer?.batchSent({ by: 'commit', rows: rows.length, isSent })
    try {
      await dispatchRows(deps.db, deps.queues, rows)
      told(true)
    } catch (error) {
      told(false)
      deps.onError(error)
    }
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
      while (sending !== undefined) await sending
    },
  }
}
