import { type SweepResult, sweepBatch } from '@servicedesk/core'
import { type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** Records due breaches and warnings, batch by batch until none is left. */
export const handleSlaSweep: Handler<'sla.sweep', HandlerDeps> = async (job, deps) => {
  const startedAt = performance.now()
  let [breached, warned] = [0, 0]
  let result: SweepResult | undefined
  do {
    result = await once(job, (tx) => sweepBatch(tx, deps.clock.now()))
    breached += result?.breached ?? 0
    warned += result?.warned ?? 0
  } while (result?.more)
  if (breached + warned > 0) job.log.info({ breached, warned }, 'sla sweep')
  deps.swept?.({ breached, warned, seconds: (performance.now() - startedAt) / 1_000 })
}
