import { prune } from '@servicedesk/core'
import { emit, type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** Deletes what is old enough; when that is more than one run may delete, another is owed at once. */
export const handlePrune: Handler<'prune', HandlerDeps> = async (job, deps) => {
  const pruned = await prune(job.db, deps.clock.now())
  if (Object.keys(pruned.deleted).length > 0) job.log.info({ ...pruned }, 'pruned')
  if (pruned.more) await once(job, (tx) => emit(tx, 'prune', {}))
}
