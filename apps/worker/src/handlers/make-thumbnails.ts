import { makeThumbnails, recordThumbnails } from '@servicedesk/core'
import { type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** Pixels first, outside any transaction; then the record. A failed try leaves it pending for the next. */
export const handleThumbnailMake: Handler<'thumbnail.make', HandlerDeps> = async (job, deps) => {
  const id = job.payload.attachment_id
  let outcome: Awaited<ReturnType<typeof makeThumbnails>>
  try {
    outcome = await makeThumbnails(job.db, deps, id)
  } catch (error) {
    if (job.isLastAttempt) await job.db.transaction((tx) => recordThumbnails(tx, id, 'failed'))
    throw error
  }
  if (outcome === null) return job.log.warn({ attachment: id }, 'attachment is gone, no thumbnail made')
  await once(job, (tx) => recordThumbnails(tx, id, outcome))
}
