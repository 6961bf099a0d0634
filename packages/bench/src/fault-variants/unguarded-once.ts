import { outbox, type Tx } from '@servicedesk/db'
import type { JobRun } from '@servicedesk/jobs'
import { takeEmitted } from '@servicedesk/jobs/emit'
import { eq, sql } from 'drizzle-orm'

// Broken on purpose: does the effect without asking whether it was done before.

export async function once<R>(job: JobRun, effect: (tx: Tx) => Promise<R>): Promise<R | undefined> {
  const { result, owed } = await job.db.transaction(async (tx) => {
    const result = await effect(tx)
    if (job.outboxId !== null) {
      await tx.update(outbox).set({ doneAt: sql`now()` }).where(eq(outbox.id, job.outboxId))
    }
    return { result, owed: takeEmitted(tx) }
  })
  job.dispatch(owed)
  return result
}

export async function isSettled(): Promise<boolean> {
  return false
}
