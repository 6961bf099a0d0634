import { sweepOrphans } from '@servicedesk/core'
import type { Handler } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** Asks the stores and the database what belongs together; running twice finds nothing the second time. */
export const handleSweepOrphans: Handler<'file.sweep-orphans', HandlerDeps> = async (job, deps) => {
  const sweep = await sweepOrphans(job.db, deps.stores, deps.clock.now())
  const words = sweep.missing > 0 ? 'files are lost: rows without bytes' : 'files swept'
  job.log[sweep.missing > 0 ? 'error' : 'info']({ ...sweep }, words)
}
