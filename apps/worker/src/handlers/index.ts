import type { Handlers } from '@servicedesk/jobs'
import { handleSlaAct } from './act-on-breach.ts'
import { handleDeadLetterAlert } from './alert-dead-letter.ts'
import { handleAssignWaiting } from './assign-waiting.ts'
import type { HandlerDeps } from './deps.ts'
import { handleThumbnailMake } from './make-thumbnails.ts'
import { handlePrune } from './prune.ts'
import { handleFileScan } from './scan-file.ts'
import { handleEmailSend } from './send-email.ts'
import { handleSlaRecompute } from './sla-recompute.ts'
import { handleSlaSweep } from './sla-sweep.ts'
import { handleSweepOrphans } from './sweep-orphans.ts'

/** Every job of the catalogue; leaving one out does not compile. */
export const handlers = {
  'ticket.assign': handleAssignWaiting,
  'assignment.drain': handleAssignWaiting,
  'sla.sweep': handleSlaSweep,
  'sla.recompute': handleSlaRecompute,
  'sla.act': handleSlaAct,
  'thumbnail.make': handleThumbnailMake,
  'email.send': handleEmailSend,
  'file.scan': handleFileScan,
  'file.sweep-orphans': handleSweepOrphans,
  prune: handlePrune,
  'dead-letter.alert': handleDeadLetterAlert,
} satisfies Handlers<HandlerDeps>
