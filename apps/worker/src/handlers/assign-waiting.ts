import { assignWaiting, repairCounters } from '@servicedesk/core'
import { type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/**
 * `ticket.assign` and `assignment.drain`: one batch of whatever waits. The payload's ticket is for the log; it
 * may have been assigned by an earlier job's batch. The scheduled drain also compares the agents' counters with what
 * they count.
 */
export const handleAssignWaiting: Handler<'ticket.assign' | 'assignment.drain', HandlerDeps> = async (
  job,
  deps,
) => {
  const configuration = await deps.configuration.get()
  const assigned = await once(job, async (tx) => {
    const mended = job.outboxId === null ? await repairCounters(tx) : []
    for (const counter of mended) job.log.warn(counter, 'counter of active tickets was wrong and is mended')
    return assignWaiting(tx, configuration, deps.clock)
  })
  job.log.debug({ job: job.name, payload: job.payload, assigned }, 'assigned')
}
