export type { Changes, Publish } from '@servicedesk/db'
export { ALERT_TYPES, DELIVERY_STATUSES, type DeliveryStatus } from '@servicedesk/db'
export { notify } from './alerts/notify.ts'
export { BUCKETS, MOST_BUCKETS } from './analytics/buckets.ts'
export { checkRandomDay, type Rolled, rebuildDays, rollDays } from './analytics/rollup.ts'
export type { Assignee } from './assignment/assign-ticket.ts'
export { assignWaiting } from './assignment/assign-waiting.ts'
export type { AssignmentSettingsChanges } from './assignment/assignment-settings.service.ts'
export { type AssignmentSettings, STRATEGIES } from './assignment/assignment-settings.ts'
export { type Candidate, type Choice, canTake, choose, type WaitingTicket } from './assignment/choose.ts'
export { repairCounters } from './assignment/counters.ts'
export { type AgentRecord, NO_RECORD, scoreOf } from './assignment/score.ts'
export type { AuthSettings, Grant, Origin } from './auth/auth.service.ts'
export { hashPassword, PASSWORD_LENGTH } from './auth/passwords.ts'
export { isWeakSecret, MIN_SECRET } from './auth/secret.ts'
export { hashToken, newToken, successorOf } from './auth/tokens.ts'
export { createBusinessTime } from './calendars/business-time.ts'
export type { CalendarRules } from './calendars/rules.ts'
export { type HolidaysInput, holidaysAsked, MOST_HOLIDAYS } from './config/calendar-input.ts'
export { type Configuration, createConfigurationCache } from './config/configuration.ts'
export { BREACH_ACTIONS } from './config/policy-input.ts'
export { type Core, type CoreDeps, createCore } from './create-core.ts'
export { type ChainTeam, type DeskPeople, escalationAudience } from './escalation/chain.ts'
export { expireExports } from './exports/expire-exports.ts'
export type { ExportView } from './exports/export-view.ts'
export type { ExportFilters, ExportLimits } from './exports/exports.service.ts'
export { discardExport, type ExportPorts, makeExport } from './exports/make-export.ts'
export { EXPORT_FAILED, recordExport } from './exports/record-export.ts'
export { type FileRow, fileView, type LinkMaker, megabytes } from './files/file-view.ts'
export { makeThumbnails, recordThumbnails, type ThumbnailPorts } from './files/make-thumbnails.ts'
export type { FileRules } from './files/quota.ts'
export { recordScan } from './files/record-scan.ts'
export { type ScanOutcome, scanFile } from './files/scan-file.ts'
export type { StoredFile } from './files/stored-file.ts'
export { type OrphanSweep, sweepOrphans } from './files/sweep-orphans.ts'
export { thumbnailKey } from './files/thumbnail-keys.ts'
export { EarlierMailUnderWay } from './mail/claim-delivery.ts'
export { DEFAULT_MAIL, LONGEST_GROUP_SECONDS, type MailSettings } from './mail/mail-settings.ts'
export { EarlierMailFailed, recordFailure, recordSent, sendDelivery } from './mail/send-delivery.ts'
export { findMentions, type Mentionable, mayMention } from './messages/mentions.ts'
export { alertDeadLetter } from './operations/dead-letter-alert.ts'
export type { PipelineFigures } from './operations/pipeline.service.ts'
export { type Pruned, prune, pruneStatement } from './operations/prune.ts'
export { RETENTION, type Retention } from './operations/retention.ts'
export { canSeeInternal, canSeeTicket } from './policy/policy.ts'
export {
  isAdmin,
  isAgentRole,
  isStaff,
  isSupervisor,
  parseRole,
  ROLE_NAMES,
  type RoleName,
} from './policy/roles.ts'
export type { FeedService, FeedStart } from './realtime/feed.service.ts'
export type { FeedEvent } from './realtime/feed-events.ts'
export { editDistance } from './search/edit-distance.ts'
export { type Collected, collectLexemes } from './search/lexemes.ts'
export { type TextQuery, textQuery } from './search/text-query.ts'
export type { Actor } from './shared/actor.ts'
export { conflict, DomainError, type ErrorKind, type FieldError, invalid, notFound } from './shared/errors.ts'
export { createOnce, type KeyedRequest, type StoredAnswer } from './shared/idempotency.ts'
export {
  type Clock,
  type FileScanner,
  type FileStore,
  MailRejected,
  type MailSender,
  type OutgoingMail,
  PictureUnreadable,
  ScanImpossible,
  type Stores,
  systemClock,
  type Thumbnail,
  type ThumbnailMaker,
} from './shared/ports.ts'
export { createCursorSeal } from './shared/seal.ts'
export { transact } from './shared/transact.ts'
export { actOnBreach, type BreachActions } from './sla/act-on-breach.ts'
export {
  AROUND_THE_CLOCK,
  applyPolicy,
  type ClockSnapshot,
  deadlines,
  elapsedAt,
  owedBreach,
  pause,
  resume,
  stop,
} from './sla/clock.ts'
export { matchPolicy } from './sla/match-policy.ts'
export { type Recomputed, recomputeBatch } from './sla/recompute.ts'
export { replayClock } from './sla/replay.ts'
export { type SweepResult, type Swept, sweep, sweepBatch } from './sla/sweep.ts'
export type { NewTicket } from './tickets/create-ticket.ts'
export { encodeCursor } from './tickets/cursor.ts'
export { visibleData } from './tickets/event-view.ts'
export type { ListQuery } from './tickets/resolve-list-query.ts'
export { parseTicketId, ticketRef } from './tickets/ticket-id.ts'
export type { TicketChanges } from './tickets/update-ticket.ts'
export { insertUser } from './users/users.repo.ts'
export type { UserChanges } from './users/users.service.ts'
export { allowedTransitions } from './workflow/workflow.ts'
export { type Workflow, workflowProblems } from './workflow/workflow-rules.ts'
