import { sweepOrphans } from '@servicedesk/core'
import type { Handler } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** Asks the stores and the database what belongs together; running twice finds nothing the second time. */
export const handleSweepOrphans: Handler<'file.sweep-orphans', HandlerDeps> = async (job, deps) => {
  const sweep = await sweepOrphans(job.db, deps.stores, deps.clock.now())
  const { missing, ...removed } = sweep
  // The first ones are enough to find out what happened.
  const lost = { missing: missing.length, attachments: missing.slice(0, 20) }
  if (missing.length > 0) job.log.error(lost, 'bytes of files are missing: is the store the right one?')
  job.log.info(removed, 'files swept')
}
