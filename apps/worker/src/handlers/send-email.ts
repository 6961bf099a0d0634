import {
  EarlierMailFailed,
  EarlierMailUnderWay,
  recordFailure,
  recordSent,
  sendDelivery,
} from '@servicedesk/core'
import { type Handler, once, safeMessage, UnrecoverableError } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** Sends first, records then: a crash between the two sends a copy, never none. */
export const handleEmailSend: Handler<'email.send', HandlerDeps> = async (job, deps) => {
  const id = job.payload.delivery_id
  let outcome: Awaited<ReturnType<typeof sendDelivery>>
  try {
    outcome = await sendDelivery(job.db, deps.sendMail, id, deps.clock.now())
  } catch (error) {
    // Another job has it or an earlier one in hand, and records what becomes of that.
    if (error instanceof EarlierMailUnderWay) throw error
    if (error instanceof EarlierMailFailed) {
      await recordFailure(job.db, error.deliveryId, safeMessage(error.cause), false)
    }
    await recordFailure(job.db, id, safeMessage(error), job.isLastAttempt)
    throw error
  }
  if (outcome.status === 'rejected') {
    await recordFailure(job.db, id, outcome.reason, true)
    throw new UnrecoverableError(outcome.reason)
  }
  // Both are settled without an effect: the row is done.
  if (outcome.status === 'discarded')
    return job.log.info({ delivery: id, reason: outcome.reason }, 'mail discarded')
  if (outcome.status === 'gone') return job.log.warn({ delivery: id }, 'delivery is gone or was sent before')
  await once(job, (tx) => recordSent(tx, id, deps.clock.now()))
}
