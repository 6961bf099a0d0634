import { context } from '@opentelemetry/api'
import { Job, type Queue } from 'bullmq'
import { catalogue, isJobName, type QueueName } from './catalogue.ts'
import type { DeadRow } from './dead-letters.ts'
import type { OutboxRow } from './emit.ts'
import { isQueueName, jobIdOf, jobOptions } from './queues.ts'
import { batchContext, tracedBy } from './trace-context.ts'

/** What became of rows that were to be handed to a queue. */
export interface Sending {
  sent: readonly OutboxRow[]
  /** Rows that no queue will ever take, and why. */
  refused: readonly DeadRow[]
  /** What kept the others from going out; they stay owed. */
  error?: unknown
}

/** The queue that a row goes to, or why there is none. Its payload is its worker's to judge, who may be newer. */
export function placeOf(row: Pick<OutboxRow, 'queue' | 'name'>): { queue: QueueName } | { problem: string } {
  const { queue, name } = row
  if (!isQueueName(queue)) return { problem: `unknown queue "${queue}"` }
  if (!isJobName(name) || catalogue[name].queue === queue) return { queue }
  return { problem: `${name} belongs in queue "${catalogue[name].queue}", not "${queue}"` }
}

/** Adds rows to their queue in one go. When one of them cannot be added, it alone is refused and the others go out. */
export async function sendJobs(queue: Queue, rows: readonly OutboxRow[]): Promise<Sending> {
  try {
    // Not in the context of whoever happened to call: a batch gathers what many requests owe.
    await context.with(batchContext(rows), () => queue.addBulk(rows.map(toJob)))
    return { sent: rows, refused: [] }
  } catch (error) {
    const refused = rows.flatMap((row) => {
      const reason = new Draft(queue, row).problem()
      return reason === undefined ? [] : [{ row, reason }]
    })
    if (refused.length > 0) {
      // BullMQ looks at all of them before it sends any.
      const bad = new Set<unknown>(refused.map(({ row }) => row))
      const rest = await sendJobs(
        queue,
        rows.filter((row) => !bad.has(row)),
      )
      return { ...rest, refused: [...refused, ...rest.refused] }
    }
    return isAnswerOfRedis(error) ? sendOneByOne(queue, rows) : { sent: [], refused: [], error }
  }
}

/** The way to find out which of them Redis does not take; all are on their way at once. */
async function sendOneByOne(queue: Queue, rows: readonly OutboxRow[]): Promise<Sending> {
  const sent: OutboxRow[] = []
  const refused: DeadRow[] = []
  let error: unknown
  await Promise.all(
    rows.map(async (row) => {
      const { name, data, opts } = toJob(row)
      try {
        await context.with(batchContext([row]), () => queue.add(name, data, opts))
        sent.push(row)
      } catch (cause) {
        // The key that the job would have holds something else. Whatever else Redis says is about Redis.
        if (isAnswerOfRedis(cause) && /WRONGTYPE/.test(cause.message)) {
          refused.push({ row, reason: cause.message })
        } else error = cause
      }
    }),
  )
  return { sent, refused, error }
}

function toJob(row: OutboxRow) {
  const opts = { ...jobOptions(row.name), ...tracedBy(row), jobId: jobIdOf(row) }
  return { name: row.name, data: row.payload, opts }
}

/** True for an error that a Redis answered, false for one that comes of its being away. */
function isAnswerOfRedis(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}

/** A job that is not sent, only looked at. */
class Draft extends Job {
  constructor(queue: Queue, row: OutboxRow) {
    const { name, data, opts } = toJob(row)
    super(queue, name, data, opts, opts.jobId)
  }

  /** What BullMQ itself has against it. */
  problem(): string | undefined {
    try {
      this.validateOptions(this.asJSON())
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
}
