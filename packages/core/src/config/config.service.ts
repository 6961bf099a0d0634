import { roles } from '@servicedesk/db'
import { asc } from 'drizzle-orm'
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

    /** Has the next read ask the database: for edits that committed in a transaction of the caller's. */
    forget(): void {
      configuration.invalidate()
    },

    async statuses() {
      const { statuses } = await configuration.get()
      return statuses.map((row) => ({
        id: row.id,
        name: row.name,
        is_closed_status: row.class === 'resolved' || row.class === 'closed',
        class: row.class,
      }))
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

    async transitions() {
      const { transitions, statuses } = await configuration.get()
      const nameOf = (id: number) => statuses.find((row) => row.id === id)?.name ?? ''
      return transitions.map((row) => ({
        id: row.id,
        from: nameOf(row.fromStatusId),
        to: nameOf(row.toStatusId),
        roles: row.roles,
      }))
    },
  }
}

export type ConfigService = ReturnType<typeof createConfigService>
