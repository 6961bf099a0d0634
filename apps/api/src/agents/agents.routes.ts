import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers } from '../shared/schemas.ts'

const Agents = Type.Array(
  Type.Object({
    id: Type.Integer(),
    name: Type.String(),
    email: Type.String(),
    role: Type.String(),
    active_tickets: Type.Integer(),
    max_tickets: Type.Integer(),
    is_available: Type.Boolean({ description: 'Not switched to unavailable, and not out of office now' }),
  }),
)

/** Who tickets are assigned to. */
export const agentRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  const list = (operationId: string, summary: string) => ({
    config: { access: 'staff' as const },
    schema: { tags: ['Assignment'], operationId, summary, response: answers({ 200: Agents }) },
  })
  app.get('/', list('listAgents', 'All active agents'), async () => core.agents.list())
  app.get('/assignable', list('listAssignableAgents', 'Those who can take a ticket now'), async () =>
    core.agents.assignable(),
  )
}
