import { sweep } from '@servicedesk/core'
import { type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** A whole sweep, every batch in a transaction of its own. One that was asked for is done when all of it is. */
export const handleSlaSweep: Handler<'sla.sweep', HandlerDeps> = async (job, deps) => {
  const startedAt = performance.now()
  const { clock, configuration } = deps
  const found = await sweep({
    db: job.db,
    dispatch: job.dispatch,
    publish: job.publish,
    clock,
    configuration,
  })
  await once(job, async () => undefined)
  if (found.breached + found.warned + found.recomputed > 0) job.log.info(found, 'sla sweep')
  deps.swept?.({
    breached: found.breached,
    warned: found.warned,
    seconds: (performance.now() - startedAt) / 1_000,
  })
}
