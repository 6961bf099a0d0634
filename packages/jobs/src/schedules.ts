import { catalogue, type JobName } from './catalogue.ts'
import { jobOptions, type Queues } from './queues.ts'

export interface Schedule {
  job: JobName
  everyMs: number
}

/** Jobs that come by time. They have no outbox row and ask what is due instead of counting ticks. */
export const schedules: readonly Schedule[] = [
  { job: 'sla.sweep', everyMs: 15_000 },
  // A ticket may be created by a node that has not heard of an edit yet, which is at most a second.
  { job: 'sla.recompute', everyMs: 600_000 },
  { job: 'assignment.drain', everyMs: 60_000 },
  { job: 'prune', everyMs: 300_000 },
  { job: 'stats.rollup', everyMs: 60_000 },
  { job: 'stats.check', everyMs: 3_600_000 },
  { job: 'search.lexemes', everyMs: 60_000 },
  { job: 'file.sweep-orphans', everyMs: 86_400_000 },
]

/** Each run is a trace of its own, not a part of the one in which the schedule was made. */
const UNTRACED = { telemetry: { omitContext: true } }

/**
 * Makes the schedules exist, and no others: one that an earlier release left behind would make jobs that nobody
 * knows. Done at start and by every reconcile, because a flush of Redis deletes them.
 */
export async function upsertSchedules(
  queues: Queues,
  wanted: readonly Schedule[] = schedules,
): Promise<void> {
  for (const { job, everyMs } of wanted) {
    await queues[catalogue[job].queue].upsertJobScheduler(
      job,
      { every: everyMs },
      { name: job, data: {}, opts: { ...jobOptions(job), ...UNTRACED, removeOnComplete: { count: 20 } } },
    )
  }
  for (const queue of Object.values(queues)) {
    // Their names only: one that cannot be read must be removable too.
    const client = await queue.backend.client
    for (const key of await client.zrange(queue.toKey('repeat'), 0, -1)) {
      if (!wanted.some(({ job }) => job === key && catalogue[job].queue === queue.name)) {
        await queue.removeJobScheduler(key)
      }
    }
  }
}
