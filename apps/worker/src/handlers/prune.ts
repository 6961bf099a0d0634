import { expireExports, prune } from '@servicedesk/core'
import { emit, type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** Deletes what is old enough, then exports with their files; when that is more than one run may delete, another is owed at once. */
export const handlePrune: Handler<'prune', HandlerDeps> = async (job, deps) => {
  const pruned = await prune(job.db, deps.clock.now())
  if (Object.keys(pruned.deleted).length > 0) job.log.info({ ...pruned }, 'pruned')
  // Exports are the last run's: a store that fails them must not keep what is left of the logs.
  if (pruned.more) {
    await once(job, (tx) => emit(tx, 'prune', {}))
    return
  }
  const expired = await expireExports(job.db, deps.stores, deps.clock.now())
  if (expired > 0) job.log.info({ expired }, 'exports expired')
}
