import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { PolicyChanges } from '@servicedesk/core'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, IdParam } from '../shared/schemas.ts'
import {
  AssignmentSettings,
  Calendars,
  Categories,
  Policies,
  Policy,
  PolicyPatch,
  Priorities,
  Roles,
  Statuses,
  Teams,
  Transitions,
} from './config.schemas.ts'

const tags = ['Configuration']

/** How the desk works, to read for everybody; targets to change for admins. */
export const configRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  const read = <T>(operationId: string, summary: string, schema: T) => ({
    schema: { tags, operationId, summary, response: { ...answers({}), 200: schema } },
  })

  app.get('/priorities', read('listPriorities', 'Priorities', Priorities), async () =>
    core.config.priorities(),
  )
  app.get('/statuses', read('listStatuses', 'Statuses', Statuses), async () => core.config.statuses())
  app.get('/categories', read('listCategories', 'Categories', Categories), async () =>
    core.config.categories(),
  )
  app.get('/roles', read('listRoles', 'Roles', Roles), async () => core.config.roles())
  app.get('/transitions', read('listTransitions', 'Status transitions', Transitions), async () =>
    core.config.transitions(),
  )
  app.get('/calendars', read('listCalendars', 'Calendars', Calendars), async () => core.config.calendars())
  app.get('/teams', read('listTeams', 'Teams', Teams), async () => core.config.teams())
  app.get('/sla-policies', read('listPolicies', 'SLA policies in order', Policies), async () =>
    core.config.policies(),
  )
  app.get('/assignment', read('getAssignmentSettings', 'Assignment settings', AssignmentSettings), async () =>
    core.config.assignment(),
  )

  app.put(
    '/sla-policies/:id',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        operationId: 'updatePolicy',
        summary: 'Change an SLA policy; members that are not sent stay',
        params: IdParam,
        body: PolicyPatch,
        response: answers({ 200: Policy }),
      },
    },
    async (request) => {
      const { id: _id, position: _position, calendar_id: _calendar, ...changes } = request.body
      return core.config.updatePolicy(request.actor, request.params.id, changes as PolicyChanges)
    },
  )
}
