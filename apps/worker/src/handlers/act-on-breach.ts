import { actOnBreach } from '@servicedesk/core'
import { type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** Escalates or reassigns a ticket whose clock is breached, as the policy says. */
export const handleSlaAct: Handler<'sla.act', HandlerDeps> = async (job, deps) => {
  const { clock_id } = job.payload
  const done = await once(job, async (tx) =>
    actOnBreach(tx, await deps.configuration.get({ within: tx }), clock_id, deps.clock.now()),
  )
  job.log.info({ clock_id, ...done }, 'breach acted on')
}
