import { Queue } from 'bullmq'
import { catalogue, isJobName, QUEUES, type QueueName } from './catalogue.ts'
import type { OutboxRow } from './emit.ts'
import type { Redis } from './redis.ts'

/** The hash tag keeps all keys of a queue in one slot of a Redis Cluster. */
export const DEFAULT_PREFIX = '{servicedesk}'

export type Queues = Record<QueueName, Queue>

/** Opens every queue for adding and asking. Close with {@link closeQueues}; the connection stays the caller's. */
export function createQueues(connection: Redis, prefix: string, onError: (error: Error) => void): Queues {
  const open = (name: QueueName) => {
    const queue = new Queue(name, { connection, prefix, skipWaitingForReady: true })
    queue.on('error', onError)
    return queue
  }
  return Object.fromEntries(QUEUES.map((name) => [name, open(name)])) as Queues
}

export async function closeQueues(queues: Queues): Promise<void> {
  await Promise.allSettled(Object.values(queues).map((queue) => queue.close()))
}

/** True for a queue of this release. */
export function isQueueName(name: string): name is QueueName {
  return (QUEUES as readonly string[]).includes(name)
}

/** The job id of a row's next dispatch. A re-dispatch needs a new id: BullMQ ignores an id that it still has. */
export function jobIdOf(row: Pick<OutboxRow, 'id' | 'attempts'>): string {
  return row.attempts === 0 ? `o-${row.id}` : `o-${row.id}-${row.attempts}`
}

/** The outbox id inside a job id, or null for a scheduled job. */
export function outboxIdOf(jobId: string | undefined): string | null {
  return /^o-([0-9a-f-]{36})(?:-\d+)?$/.exec(jobId ?? '')?.[1] ?? null
}

/** BullMQ's options for a job of that name; an unknown name gets one try, to fail with a reason. */
export function jobOptions(name: string) {
  const retry = isJobName(name) ? catalogue[name].retry : { attempts: 1, backoffMs: 0 }
  return {
    attempts: retry.attempts,
    backoff: { type: 'exponential', delay: retry.backoffMs },
    removeOnComplete: { age: 3_600, count: 1_000 },
    removeOnFail: { age: 7 * 24 * 3_600, count: 5_000 },
  }
}
