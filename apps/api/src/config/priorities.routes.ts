import type { FastifyPluginAsync } from 'fastify'
import type { RouteDeps } from '../shared/route-deps.ts'
import { entityRoutes } from './entity-routes.ts'
import { NewPriority, Priority, PriorityPatch } from './priorities.schemas.ts'

export const priorityRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  entityRoutes(app, deps, {
    path: '/priorities',
    one: 'Priority',
    many: 'Priorities',
    schemas: { view: Priority, create: NewPriority, update: PriorityPatch },
    service: deps.core.config.priorities,
  })
}
