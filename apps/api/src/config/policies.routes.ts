import type { FastifyPluginAsync } from 'fastify'
import type { RouteDeps } from '../shared/route-deps.ts'
import { entityRoutes } from './entity-routes.ts'
import { NewPolicy, Policy, PolicyPatch } from './policies.schemas.ts'

export const policyRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  entityRoutes(app, deps, {
    path: '/sla-policies',
    one: 'SLA policy',
    many: 'SLA policies',
    schemas: { view: Policy, create: NewPolicy, update: PolicyPatch },
    service: deps.core.config.policies,
  })
}
