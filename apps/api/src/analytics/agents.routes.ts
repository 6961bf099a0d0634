import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers } from '../shared/schemas.ts'
import { AgentPerformances, AgentWorkloads, PeriodQuery } from './analytics.schemas.ts'

const tags = ['Analytics']

/** Figures of agents. */
export const agentFigureRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  const { analytics } = core

  app.get(
    '/agent-workload',
    {
      config: { access: 'staff' },
      schema: {
        tags,
        operationId: 'getAgentWorkload',
        summary: 'How much each agent has to do',
        response: answers({ 200: AgentWorkloads }),
      },
    },
    async () => analytics.agentWorkload(),
  )

  app.get(
    '/agent-performance',
    {
      config: { access: 'staff' },
      schema: {
        tags,
        operationId: 'getAgentPerformance',
        summary: 'What each agent got done in a period; Technical Users see their own only',
        querystring: PeriodQuery,
        response: answers({ 200: AgentPerformances }),
      },
    },
    async (request) => analytics.agentPerformance(request.actor, request.query),
  )
}
