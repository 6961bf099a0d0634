import { rollDays } from '@servicedesk/core'
import { emit, type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** Rolls the days that wait for it; when that is more than one run may do, another is owed at once. */
export const handleStatsRollup: Handler<'stats.rollup', HandlerDeps> = async (job) => {
  const rolled = await rollDays(job.db)
  if (rolled.days > 0) job.log.info({ ...rolled }, 'days rolled up')
  await once(job, async (tx) => {
    if (rolled.more) await emit(tx, 'stats.rollup', {})
  })
}
