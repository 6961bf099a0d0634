import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { parseTicketId } from '@servicedesk/core'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, TicketParam } from '../shared/schemas.ts'
import { TicketClocks } from './sla.schemas.ts'

/** What was promised and what the clocks say. */
export const slaRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  app.get(
    '/clocks/:id',
    {
      schema: {
        tags: ['Tickets'],
        operationId: 'getTicketClocks',
        summary: 'Both clocks of a ticket with their event logs',
        params: TicketParam,
        response: answers({ 200: TicketClocks }),
      },
    },
    async (request) => core.sla.clocks(request.actor, parseTicketId(request.params.id, 'id')),
  )
}
