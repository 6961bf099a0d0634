import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { parseTicketId } from '@servicedesk/core'
import { Type } from 'typebox'
import { etagOf, ifMatchVersions } from '../shared/etag.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, IdInput, Ignored, strict, Text, TicketParam, toId } from '../shared/schemas.ts'
import { TicketDetail } from '../tickets/tickets.schemas.ts'

const EscalationBody = Type.Object(
  {
    reason: Text(1, 1_000, 'Kept in the log of the ticket, for staff'),
    to: Type.Optional(IdInput),
    performed_by: Ignored,
    performed_by_name: Ignored,
  },
  strict,
)

/** Escalation by hand. */
export const escalationRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  app.post(
    '/:id/escalate',
    {
      config: { access: 'staff' },
      schema: {
        tags: ['Tickets'],
        operationId: 'escalateTicket',
        summary: 'Raise the level by one and the priority by a step, and alert who is to act',
        description:
          "Without `to` the team's supervisor is alerted, then those of the teams above it, then all supervisors, then the admins: a step further with every level. Honours `If-Match`.",
        params: TicketParam,
        body: EscalationBody,
        response: answers({ 200: TicketDetail }),
      },
    },
    async (request, reply) => {
      const { reason, to } = request.body
      const ticket = await core.tickets.escalate(
        request.actor,
        parseTicketId(request.params.id, 'id'),
        to === undefined ? { reason } : { reason, to: toId(to) },
        ifMatchVersions(request.headers['if-match']),
      )
      reply.header('ETag', etagOf(ticket.version))
      return ticket
    },
  )
}
