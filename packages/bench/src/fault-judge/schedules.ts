import {
  catalogue,
  closeQueues,
  createQueues,
  createRedis,
  DEFAULT_PREFIX,
  schedules,
} from '@servicedesk/jobs'
import type { Finding, Wrong } from './finding.ts'

/** Every schedule is there and its next run is neither long past nor missing, however often Redis was wiped. */
export async function judgeSchedules(redisUrl: string): Promise<Finding> {
  const redis = createRedis({ kind: 'single', url: redisUrl }, () => undefined)
  const queues = createQueues(redis, DEFAULT_PREFIX, () => undefined)
  const lost: Wrong[] = []
  try {
    for (const { job } of schedules) {
      const scheduler = await queues[catalogue[job].queue].getJobScheduler(job)
      const next = scheduler?.next
      if (next === undefined) lost.push({ what: `schedule ${job} is gone`, at: undefined })
      else if (next < Date.now() - 60_000) lost.push({ what: `schedule ${job} stands still`, at: undefined })
    }
  } finally {
    await closeQueues(queues)
    redis.disconnect()
  }
  return { check: 'schedules', counted: schedules.length, lost, doubled: [] }
}
