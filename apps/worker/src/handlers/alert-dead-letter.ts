import { alertDeadLetter } from '@servicedesk/core'
import { type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** Tells admins of a job that was given up. */
export const handleDeadLetterAlert: Handler<'dead-letter.alert', HandlerDeps> = async (job, deps) => {
  await once(job, (tx) => alertDeadLetter(tx, job.payload.outbox_id, deps.clock.now()))
}
