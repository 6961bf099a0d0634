import { createAgentService } from './agents/agents.service.ts'
import { createAlertService } from './alerts/alerts.service.ts'
import { createAssignmentService } from './assignment/assignment.service.ts'
import { createAssignmentSettingsService } from './assignment/assignment-settings.service.ts'
import { type AuthSettings, createAuthService } from './auth/auth.service.ts'
import { createConfigService } from './config/config.service.ts'
import { createConfigurationCache } from './config/configuration.ts'
import type { LinkMaker } from './files/file-view.ts'
import { createFileService } from './files/files.service.ts'
import type { FileRules } from './files/quota.ts'
import { createDeliveryService } from './mail/deliveries.service.ts'
import { createMessageService } from './messages/messages.service.ts'
import { createDeadLetterService } from './operations/dead-letters.service.ts'
import { createPipelineService } from './operations/pipeline.service.ts'
import type { ServiceDeps } from './shared/transact.ts'
import { createSlaService } from './sla/sla.service.ts'
import { createSweepService } from './sla/sweep.service.ts'
import { createTicketService } from './tickets/tickets.service.ts'
import { createWatcherService } from './tickets/watchers.service.ts'
import { createUserService } from './users/users.service.ts'
import { createWorkflowService } from './workflow/workflow.service.ts'

export interface CoreDeps extends ServiceDeps {
  auth: AuthSettings
  link: LinkMaker
  files: FileRules
}

/** The use cases behind the API, wired to what they are given. */
export function createCore(deps: CoreDeps) {
  const configuration = createConfigurationCache(deps.db, deps.clock)
  const shared = { ...deps, configuration, passwords: deps.auth.passwords }
  const tickets = createTicketService(shared)
  return {
    auth: createAuthService(shared),
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
    messages: createMessageService({ ...shared, tickets }),
    files: createFileService(shared),
    alerts: createAlertService(shared),
    pipeline: createPipelineService(shared),
    deadLetters: createDeadLetterService(shared),
    deliveries: createDeliveryService(shared),
  }
}

export type Core = ReturnType<typeof createCore>
