import { checkRandomDay } from '@servicedesk/core'
import { type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** Compares a random day's rollup with its rows. */
export const handleStatsCheck: Handler<'stats.check', HandlerDeps> = async (job) => {
  const checked = await checkRandomDay(job.db)
  if (checked !== undefined && checked.wrong > 0)
    job.log.warn(
      { ...checked },
      'figures of a day were wrong and are mended; npm run stats:rebuild mends all',
    )
  await once(job, async () => undefined)
}
