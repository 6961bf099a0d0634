import { Queue, RedisConnection, type Telemetry } from 'bullmq'
import { catalogue, isJobName, QUEUES, type QueueName } from './catalogue.ts'
import type { OutboxRow } from './emit.ts'
import type { RedisClient } from './redis.ts'

/** Since 6.2 BullMQ finds a job in a list without reading all of it, and needs nothing newer. */
const MINIMUM_REDIS = '6.2.0'

export type Queues = Record<QueueName, Queue>

/**
 * Opens every queue for adding and asking. Close with {@link closeQueues}; the connection stays the caller's.
 * @param telemetry makes spans of what is added
 */
export function createQueues(
  connection: RedisClient,
  prefix: string,
  onError: (error: Error) => void,
  telemetry?: Telemetry,
): Queues {
  // The version that BullMQ assumes when it does not ask. It would ask once, and a queue whose question fails, because
  // Redis is away at the start, is of no use for ever; the workers ask, for they wait.
  RedisConnection.minimumVersion = MINIMUM_REDIS
  const open = (name: QueueName) => {
    const queue = new Queue(name, {
      connection,
      prefix,
      skipWaitingForReady: true,
      skipVersionCheck: true,
      ...(telemetry === undefined ? {} : { telemetry }),
    })
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

/** Bytes of a payload: ids and primitives never come near; a row that somebody wrote by hand might. */
const SIZE_LIMIT = 65_536

/** BullMQ's options for a job of that name; an unknown name gets one try, to fail with a reason. */
export function jobOptions(name: string) {
  const retry = isJobName(name) ? catalogue[name].retry : { attempts: 1, backoffMs: 0 }
  return {
    attempts: retry.attempts,
    sizeLimit: SIZE_LIMIT,
    backoff: { type: 'exponential', delay: retry.backoffMs },
    removeOnComplete: { age: 3_600, count: 1_000 },
    removeOnFail: { age: 7 * 24 * 3_600, count: 5_000 },
  }
}
