import { outbox } from '@servicedesk/db'
import { once } from '@servicedesk/jobs'
import { type Teardown, until } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import { type JobsDesk, workerOf } from './jobs-desk.ts'

export interface CountingWorker {
  /** How often each row's effect happened. */
  effects: Map<string, number>
  sweeps(): number
  done(): Promise<number>
  /** Waits until so many rows are done. */
  finished(many: number, withinMs: number): Promise<void>
  /** Waits until the sweep has run again. */
  swept(withinMs: number): Promise<void>
}

/** A worker that counts effects, with periods short enough for a test. */
export async function startCountingWorker(t: Teardown, desk: JobsDesk): Promise<CountingWorker> {
  const effects = new Map<string, number>()
  let sweeps = 0
  await workerOf(
    t,
    desk,
    {
      'ticket.assign': async (job) => {
        await once(job, async () => {
          const id = job.outboxId ?? ''
          effects.set(id, (effects.get(id) ?? 0) + 1)
        })
      },
      'sla.sweep': async () => {
        sweeps += 1
      },
    },
    { reconcileMs: 1_000, graceSeconds: 2 },
  )
  const done = () => desk.db.$count(outbox, sql`done_at IS NOT NULL`)
  return {
    effects,
    sweeps: () => sweeps,
    done,
    async finished(many, withinMs) {
      await until(`${many} rows to be done`, async () => (await done()) === many, withinMs)
    },
    async swept(withinMs) {
      const before = sweeps
      await until('the sweep to run again', async () => sweeps > before, withinMs)
    },
  }
}
