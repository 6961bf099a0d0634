import { recordScan, scanFile } from '@servicedesk/core'
import { type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** Scans first, outside any transaction; then the verdict. Without one the file stays kept back for the next try. */
export const handleFileScan: Handler<'file.scan', HandlerDeps> = async (job, deps) => {
  const id = job.payload.attachment_id
  const outcome = await scanFile(job.db, deps, id)
  if (outcome === null) return job.log.warn({ attachment: id }, 'attachment is gone or settled, not scanned')
  if (outcome.status !== 'ready') job.log.warn({ attachment: id, ...outcome }, 'attachment rejected')
  const { mail } = await deps.configuration.get()
  await once(job, (tx) => recordScan(tx, id, outcome, deps.clock.now(), mail))
}
