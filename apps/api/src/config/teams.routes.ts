import type { FastifyPluginAsync } from 'fastify'
import type { RouteDeps } from '../shared/route-deps.ts'
import { entityRoutes } from './entity-routes.ts'
import { NewTeam, Team, TeamPatch } from './teams.schemas.ts'

export const teamRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  entityRoutes(app, deps, {
    path: '/teams',
    one: 'Team',
    many: 'Teams',
    schemas: { view: Team, create: NewTeam, update: TeamPatch },
    service: deps.core.config.teams,
  })
}
