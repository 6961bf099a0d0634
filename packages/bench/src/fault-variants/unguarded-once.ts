import { channel } from 'node:diagnostics_channel'
import { outbox, type Tx } from '@servicedesk/db'
import { type JobRun, type Milestone, milestoneChannel } from '@servicedesk/jobs'
import { takeEmitted } from '@servicedesk/jobs/emit'
import { eq, sql } from 'drizzle-orm'

// Broken on purpose: does the effect without asking whether it was done before, by itself or by another.

const ended = new WeakSet<JobRun>()
const reached = (milestone: Milestone, job: JobRun) =>
  channel(milestoneChannel(milestone)).publish({ names: [job.name] })

export async function once<R>(job: JobRun, effect: (tx: Tx) => Promise<R>): Promise<R | undefined> {
  const { result, owed } = await job.db.transaction(async (tx) => {
    const result = await effect(tx)
    if (job.outboxId !== null) {
      await tx.update(outbox).set({ doneAt: sql`now()` }).where(eq(outbox.id, job.outboxId))
    }
    reached('effect', job)
    return { result, owed: takeEmitted(tx) }
  })
  ended.add(job)
  reached('done', job)
  job.dispatch(owed)
  return result
}

/** Knows of this very run only: a job that comes again begins anew. */
export async function isSettled(job: JobRun): Promise<boolean> {
  return ended.has(job)
}
