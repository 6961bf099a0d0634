import type { FastifyPluginAsync } from 'fastify'
import { entityRoutes } from '../config/entity-routes.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import {
  NewStatus,
  NewTransition,
  Status,
  StatusPatch,
  Transition,
  TransitionPatch,
} from './workflow-config.schemas.ts'

/** The rows that the workflow is made of, for everybody to read and for admins to edit. */
export const workflowConfigRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  entityRoutes(app, deps, {
    path: '/statuses',
    one: 'Status',
    many: 'Statuses',
    schemas: { view: Status, create: NewStatus, update: StatusPatch },
    service: deps.core.config.statuses,
  })
  entityRoutes(app, deps, {
    path: '/transitions',
    one: 'Transition',
    many: 'Transitions',
    schemas: { view: Transition, create: NewTransition, update: TransitionPatch },
    service: deps.core.config.transitions,
  })
}
