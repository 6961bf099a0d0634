import { Job, type Queue } from 'bullmq'
import type { Logger } from './once.ts'
import type { Queues } from './queues.ts'

/**
 * Takes jobs away that BullMQ itself cannot read: somebody wrote or cut them by hand. Their workers take them up, fail
 * to make anything of them, and drop them until they count as stalled; even BullMQ's limit of stalls needs a worker who
 * can read them, so they would go round for ever. Where a row owes the job, it is missing from now on and goes out again.
 */
export async function dropUnreadableJobs(queues: Queues, log: Pick<Logger, 'error'>): Promise<void> {
  for (const queue of Object.values(queues)) {
    const client = await queue.backend.client
    // Only there they do harm. There are never more than all workers together run.
    for (const jobId of await client.lrange(queue.toKey('active'), 0, -1)) {
      const problem = await problemOf(queue, jobId)
      if (problem === undefined) continue
      await removeUnreadable(queue, jobId)
      log.error({ queue: queue.name, jobId, problem }, 'a job in Redis that nobody can read was removed')
    }
  }
}

/** Only what BullMQ can take up, and so drop again, stands in one of these. */
const DROP = `
  redis.call('LREM', KEYS[1], 0, ARGV[1])
  redis.call('LREM', KEYS[2], 0, ARGV[1])
  return redis.call('DEL', KEYS[3], KEYS[4])`

/**
 * Takes one such job away, also the present one of a schedule. Its lock means nothing, since nobody can be at work on
 * it; BullMQ's own removal would refuse a lock, and a schedule's job.
 */
export async function removeUnreadable(queue: Queue, jobId: string): Promise<void> {
  const client = await queue.backend.client
  client.defineCommand('servicedeskDropJob', { numberOfKeys: 4, lua: DROP })
  const keys = ['active', 'wait', jobId, `${jobId}:lock`].map((each) => queue.toKey(each))
  await client.runCommand('servicedeskDropJob', [...keys, jobId])
}

/** Why BullMQ cannot read it, or undefined when it can or the job is gone. */
async function problemOf(queue: Queue, jobId: string): Promise<string | undefined> {
  try {
    await Job.fromId(queue, jobId)
    return undefined
  } catch (error) {
    // Redis being away says nothing about the job.
    if (error instanceof SyntaxError || error instanceof TypeError) return error.message
    if (error instanceof Error && /WRONGTYPE/.test(error.message)) return error.message
    throw error
  }
}
