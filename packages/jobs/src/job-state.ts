import type { Queue } from 'bullmq'

/**
 * What Redis knows of a job, as far as it matters to whoever owes it. `pending` is whatever will still run: waiting,
 * active, delayed, paused, behind other jobs.
 */
export type JobState =
  | { state: 'pending' | 'missing' | 'completed' | 'unreadable' | 'unknown' }
  | { state: 'failed'; reason: string }

/** Answers what became of jobs; asks made side by side travel together. */
export type AskState = (jobId: string) => Promise<JobState>

/**
 * Looks a queue's jobs up. Where a job stands in a long list is not asked of Redis for each, which would walk the
 * list each time: the lists are read once, and only a job that is in none of them is asked for by itself.
 */
export function jobStates(queue: Queue): AskState {
  let listed: Promise<ReadonlySet<string>> | undefined
  const readLists = async () => {
    const ids = await queue.getRanges(['active', 'wait', 'delayed', 'prioritized', 'waiting-children'], 0, -1)
    return new Set(ids)
  }
  return async (jobId) => {
    const client = await queue.backend.client
    const fields = await client.hmget(queue.toKey(jobId), 'data', 'opts', 'finishedOn', 'failedReason')
    const [data, opts, finishedOn, failedReason] = fields
    if (fields.every((field) => field === null)) return { state: 'missing' }
    if (!isJson(data) || !isJson(opts)) return { state: 'unreadable' }
    if (finishedOn === null) {
      listed ??= readLists()
      if ((await listed).has(jobId)) return { state: 'pending' }
    }
    const state = await queue.getJobState(jobId)
    if (state === 'failed') return { state, reason: failedReason ?? 'failed without a reason' }
    return { state: state === 'completed' || state === 'unknown' ? state : 'pending' }
  }
}

function isJson(text: string | null | undefined): boolean {
  try {
    JSON.parse(text ?? '')
    return true
  } catch {
    return false
  }
}
