import type { Handlers } from '@servicedesk/jobs'
import { handleSlaAct } from './act-on-breach.ts'
import { handleDeadLetterAlert } from './alert-dead-letter.ts'
import { handleAssignWaiting } from './assign-waiting.ts'
import { handleStatsCheck } from './check-stats.ts'
import { handleCollectLexemes } from './collect-lexemes.ts'
import type { HandlerDeps } from './deps.ts'
import { handleExportMake } from './make-export.ts'
import { handleThumbnailMake } from './make-thumbnails.ts'
import { handlePrune } from './prune.ts'
import { handleStatsRollup } from './roll-stats.ts'
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
  'export.make': handleExportMake,
  prune: handlePrune,
  'stats.rollup': handleStatsRollup,
  'stats.check': handleStatsCheck,
  'search.lexemes': handleCollectLexemes,
  'dead-letter.alert': handleDeadLetterAlert,
} satisfies Handlers<HandlerDeps>
