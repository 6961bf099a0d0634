import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers } from '../shared/schemas.ts'
import { calendarRoutes } from './calendars.routes.ts'
import { categoryRoutes } from './categories.routes.ts'
import { Roles } from './config.schemas.ts'
import { tags } from './entity-routes.ts'
import { policyRoutes } from './policies.routes.ts'
import { priorityRoutes } from './priorities.routes.ts'
import { teamRoutes } from './teams.routes.ts'

/** How the desk works, to read for everybody and to change for admins. */
export const configRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, deps) => {
  const { core } = deps
  for (const routes of [priorityRoutes, categoryRoutes, teamRoutes, policyRoutes, calendarRoutes]) {
    await app.register(routes, deps)
  }

  const read = <T>(operationId: string, summary: string, schema: T) => ({
    schema: { tags, operationId, summary, response: { ...answers({}), 200: schema } },
  })
  app.get('/roles', read('listRoles', 'Roles', Roles), async () => core.config.roles())
}
