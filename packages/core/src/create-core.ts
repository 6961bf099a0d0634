import type { Database } from '@servicedesk/db'
import { createAgentService } from './agents/agents.service.ts'
import { createAlertService } from './alerts/alerts.service.ts'
import { createPreferenceService } from './alerts/preferences.service.ts'
import { createAnalyticsService } from './analytics/analytics.service.ts'
import { createAssignmentService } from './assignment/assignment.service.ts'
import { createAssignmentSettingsService } from './assignment/assignment-settings.service.ts'
import { createAccountService } from './auth/account.service.ts'
import { type AuthSettings, createAuthService } from './auth/auth.service.ts'
import { createSessionService } from './auth/sessions.service.ts'
import { createConfigService } from './config/config.service.ts'
import { createConfigurationCache } from './config/configuration.ts'
import { createExportService, type ExportLimits } from './exports/exports.service.ts'
import type { LinkMaker } from './files/file-view.ts'
import { createFileService } from './files/files.service.ts'
import type { FileRules } from './files/quota.ts'
import { createDeliveryService } from './mail/deliveries.service.ts'
import type { MailSettings } from './mail/mail-settings.ts'
import { createNoticeService } from './mail/notice.service.ts'
import { createMessageService } from './messages/messages.service.ts'
import { createAuditLogService } from './operations/audit-log.service.ts'
import { createDeadLetterService } from './operations/dead-letters.service.ts'
import { createPipelineService } from './operations/pipeline.service.ts'
import { createFeedService } from './realtime/feed.service.ts'
import { createCursorSeal } from './shared/seal.ts'
import type { ServiceDeps } from './shared/transact.ts'
import { createSlaService } from './sla/sla.service.ts'
import { createSweepService } from './sla/sweep.service.ts'
import { createTicketService } from './tickets/tickets.service.ts'
import { createWatcherService } from './tickets/watchers.service.ts'
import { createUserService } from './users/users.service.ts'
import { createWorkflowService } from './workflow/workflow.service.ts'

export interface CoreDeps extends ServiceDeps {
  /** Where figures and exports are read, `db` by default: a replica, perhaps, which may lag behind it. */
  reports?: Database | undefined
  auth: AuthSettings
  link: LinkMaker
  files: FileRules
  mail: MailSettings
  /** Others for tests. */
  exports?: Partial<ExportLimits> | undefined
}

/** The use cases behind the API, wired to what they are given. */
export function createCore(deps: CoreDeps) {
  const configuration = createConfigurationCache(deps.db, deps.clock, deps.mail)
  const { secret, passwords } = deps.auth
  const seal = createCursorSeal(secret)
  const shared = { ...deps, reports: deps.reports ?? deps.db, configuration, passwords, seal }
  const tickets = createTicketService(shared)
  return {
    auth: createAuthService(shared),
    accounts: createAccountService(shared),
    sessions: createSessionService(shared),
    users: createUserService(shared),
    config: createConfigService(shared),
    tickets,
    watchers: createWatcherService({ ...shared, tickets }),
    workflow: createWorkflowService(shared),
    assignment: createAssignmentService({ ...shared, tickets }),
    sla: createSlaService({ ...shared, tickets }),
    sweeps: createSweepService(shared),
    assignmentSettings: createAssignmentSettingsService(shared),
    agents: createAgentService(shared),
    analytics: createAnalyticsService(shared),
    messages: createMessageService({ ...shared, tickets }),
    files: createFileService(shared),
    alerts: createAlertService(shared),
    preferences: createPreferenceService(shared),
    pipeline: createPipelineService(shared),
    deadLetters: createDeadLetterService(shared),
    auditLog: createAuditLogService(shared),
    deliveries: createDeliveryService(shared),
    notices: createNoticeService(shared),
    exports: createExportService(shared),
    feed: createFeedService(shared),
  }
}

export type Core = ReturnType<typeof createCore>
