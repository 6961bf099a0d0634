import { type SweepResult, sweepBatch } from '@servicedesk/core'
import { type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** Records due breaches and warnings, batch by batch until none is left. */
export const handleSlaSweep: Handler<'sla.sweep', HandlerDeps> = async (job, deps) => {
  let result: SweepResult | undefined
  do {
    result = await once(job, (tx) => sweepBatch(tx, deps.clock.now()))
    if (result && result.breached + result.warned > 0) job.log.info({ ...result }, 'sla sweep')
  } while (result?.more)
}
