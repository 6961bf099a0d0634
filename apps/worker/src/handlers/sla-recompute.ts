import { recomputeBatch } from '@servicedesk/core'
import { emit, type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** One batch; the next is owed in the same transaction, so that a death in the middle forgets none. */
export const handleSlaRecompute: Handler<'sla.recompute', HandlerDeps> = async (job, deps) => {
  const after = job.payload.after ?? 0
  const done = await once(job, async (tx) => {
    const configuration = await deps.configuration.get({ fresh: true, within: tx })
    const batch = await recomputeBatch(tx, configuration, after, deps.clock.now())
    if (batch.next !== null) await emit(tx, 'sla.recompute', { after: batch.next })
    return batch
  })
  if (done !== undefined && (done.moved > 0 || done.next !== null)) {
    job.log.info({ ...done, after }, done.next === null ? 'SLA clocks recomputed' : 'recomputing SLA clocks')
  }
}
