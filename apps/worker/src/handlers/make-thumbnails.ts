import { makeThumbnails, recordThumbnails, transact } from '@servicedesk/core'
import { type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** A picture that as many workers died of is given up, long before the queue would stop starting its job. */
const MAX_STALLS = 5

/** Pixels first, outside any transaction; then the record. A failed try leaves it pending for the next. */
export const handleThumbnailMake: Handler<'thumbnail.make', HandlerDeps> = async (job, deps) => {
  const id = job.payload.attachment_id
  if (job.stalls >= MAX_STALLS) {
    job.log.error({ attachment: id, stalls: job.stalls }, 'workers died of this picture, no thumbnail made')
    return void (await once(job, (tx) => recordThumbnails(tx, id, 'failed', deps.clock.now())))
  }
  let outcome: Awaited<ReturnType<typeof makeThumbnails>>
  try {
    outcome = await makeThumbnails(job.db, deps, id)
  } catch (error) {
    if (job.isLastAttempt) await transact(job, (tx) => recordThumbnails(tx, id, 'failed', deps.clock.now()))
    throw error
  }
  if (outcome === null) return job.log.warn({ attachment: id }, 'attachment is gone, no thumbnail made')
  await once(job, (tx) => recordThumbnails(tx, id, outcome, deps.clock.now()))
}
