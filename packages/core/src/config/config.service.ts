import { roles } from '@servicedesk/db'
import { asc } from 'drizzle-orm'
import { createStatusService } from '../workflow/statuses.service.ts'
import { createTransitionService } from '../workflow/transitions.service.ts'
import { createCalendarService } from './calendars.service.ts'
import { createCategoryService } from './categories.service.ts'
import type { EditorDeps } from './editor.ts'
import { createPolicyService } from './policies.service.ts'
import { createPriorityService } from './priorities.service.ts'
import { createTeamService } from './teams.service.ts'

/** How the desk works: a service for each kind of row that admins keep, and reads of the rest. */
export function createConfigService(deps: EditorDeps) {
  const { db, configuration } = deps
  return {
    priorities: createPriorityService(deps),
    categories: createCategoryService(deps),
    teams: createTeamService(deps),
    policies: createPolicyService(deps),
    calendars: createCalendarService(deps),
    statuses: createStatusService(deps),
    transitions: createTransitionService(deps),

    /** Has the next read ask the database: for edits that committed in a transaction of the caller's. */
    forget(): void {
      configuration.invalidate()
    },

    async roles() {
      return db
        .select({
          id: roles.id,
          name: roles.name,
          description: roles.description,
          permissions: roles.permissions,
        })
        .from(roles)
        .orderBy(asc(roles.id))
    },
  }
}

export type ConfigService = ReturnType<typeof createConfigService>
