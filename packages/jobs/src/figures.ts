import type { Database } from '@servicedesk/db'
import type { Job } from 'bullmq'
import { sql } from 'drizzle-orm'
import { QUEUES, type QueueName } from './catalogue.ts'
import type { Queues } from './queues.ts'

export const QUEUE_STATES = ['waiting', 'active', 'delayed', 'prioritized', 'failed'] as const
export type QueueState = (typeof QUEUE_STATES)[number]

export interface QueueFigure {
  queue: QueueName
  state: QueueState
  jobs: number
  /**
   * Age in seconds of the job that is first in line there: since it was added (waiting, delayed, prioritized), taken
   * (active) or given up (failed). 0 where there is none.
   */
  oldestSeconds: number
}

/**
 * How full every queue is, asked of Redis now.
 * @throws when Redis cannot be reached
 */
export async function readQueueFigures(queues: Queues): Promise<QueueFigure[]> {
  const figures = await Promise.all(
    QUEUES.map(async (name) => {
      const queue = queues[name]
      const [counts, ...oldest] = await Promise.all([
        queue.getJobCounts(...QUEUE_STATES),
        ...QUEUE_STATES.map((state) => queue.getJobs([state], 0, 0, true)),
      ])
      return QUEUE_STATES.map((state, n) => ({
        queue: name,
        state,
        jobs: counts[state] ?? 0,
        oldestSeconds: ageOf(oldest[n]?.[0], state),
      }))
    }),
  )
  return figures.flat()
}

function ageOf(job: Job | undefined, state: QueueState): number {
  const since = state === 'failed' ? job?.finishedOn : state === 'active' ? job?.processedOn : job?.timestamp
  return since === undefined ? 0 : Math.max(0, (Date.now() - since) / 1_000)
}

export interface OutboxFigures extends Record<string, unknown> {
  /** Rows that are neither done nor dead. */
  owed: number
  dead: number
  /** Age of the oldest owed row that is due; 0 when none is. */
  oldest_owed_seconds: number
}

/** What is owed, counted by the partial indexes on it, so that the many done rows cost nothing. */
export async function readOutboxFigures(db: Database): Promise<OutboxFigures> {
  const [row] = await db.execute<OutboxFigures>(sql`
    WITH owed AS (
      SELECT available_at FROM outbox WHERE dispatched_at IS NULL AND done_at IS NULL AND failed_at IS NULL
      UNION ALL
      SELECT available_at FROM outbox WHERE dispatched_at IS NOT NULL AND done_at IS NULL AND failed_at IS NULL
    )
    SELECT count(*) AS owed, (SELECT count(*) FROM outbox WHERE failed_at IS NOT NULL) AS dead,
      coalesce(greatest(extract(epoch FROM now() - min(available_at)), 0), 0)::float8 AS oldest_owed_seconds
    FROM owed`)
  if (row === undefined) throw new Error('the count returned no row')
  return row
}
