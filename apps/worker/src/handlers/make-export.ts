import { discardExport, EXPORT_FAILED, makeExport, recordExport, transact } from '@servicedesk/core'
import { type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** The file first, outside any transaction; then the record. What nobody will know of is taken away again. */
export const handleExportMake: Handler<'export.make', HandlerDeps> = async (job, deps) => {
  const id = job.payload.export_id
  let outcome: Awaited<ReturnType<typeof makeExport>>
  try {
    outcome = await makeExport(job.db, { ...deps, publish: job.publish }, id)
  } catch (error) {
    if (job.isLastAttempt) {
      const failed = { status: 'failed', reason: EXPORT_FAILED } as const
      await transact(job, (tx) => recordExport(tx, id, failed, deps.clock.now()))
    }
    throw error
  }
  if (outcome === null) return job.log.warn({ export: id }, 'export is gone or over, no file made')
  const made = outcome
  const isKept = await once(job, (tx) => recordExport(tx, id, made, deps.clock.now()))
  if (isKept !== true) await discardExport(deps.stores, made)
}
