import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { parseTicketId } from '@servicedesk/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { etagOf, ifMatchVersions } from '../shared/etag.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, TicketParam } from '../shared/schemas.ts'
import { Deleted, PriorityChange, StatusChange } from './ticket-changes.schemas.ts'
import { TicketDetail } from './tickets.schemas.ts'

const tags = ['Tickets']

/** Changes of a ticket that have an address of their own. All honour `If-Match`. */
export const ticketChangeRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  const target = (request: FastifyRequest<{ Params: { id: string } }>) => ({
    id: parseTicketId(request.params.id, 'id'),
    versions: ifMatchVersions(request.headers['if-match']),
  })
  const tagged = <T extends { version: number }>(reply: FastifyReply, ticket: T): T => {
    reply.header('ETag', etagOf(ticket.version))
    return ticket
  }

  app.put(
    '/:id/status',
    {
      schema: {
        tags,
        operationId: 'setTicketStatus',
        summary: 'Move a ticket to another status, with a public comment if one is given',
        description: 'A move that is refused is a 409 or 403 with `allowed_transitions`.',
        params: TicketParam,
        body: StatusChange,
        response: answers({ 200: TicketDetail }),
      },
    },
    async (request, reply) => {
      const { id, versions } = target(request)
      const { status, comment } = request.body
      const wanted = { status, comment: orAbsent(comment) }
      return tagged(reply, await core.tickets.setStatus(request.actor, id, wanted, versions))
    },
  )

  app.put(
    '/:id/priority',
    {
      schema: {
        tags,
        operationId: 'setTicketPriority',
        summary: 'Change the priority, with a reason if one is given',
        params: TicketParam,
        body: PriorityChange,
        response: answers({ 200: TicketDetail }),
      },
    },
    async (request, reply) => {
      const { id, versions } = target(request)
      const { priority, reason } = request.body
      const wanted = { priority, reason: orAbsent(reason) }
      return tagged(reply, await core.tickets.setPriority(request.actor, id, wanted, versions))
    },
  )

  app.delete(
    '/:id',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        operationId: 'deleteTicket',
        summary: 'Delete a ticket; from then on only admins see it. Again is no error',
        params: TicketParam,
        response: answers({ 200: Deleted }),
      },
    },
    async (request) => {
      const { id, versions } = target(request)
      await core.tickets.remove(request.actor, id, versions)
      return { success: true, message: `TKT-${id} is deleted` }
    },
  )
}

/** Null, nothing and spaces say nothing. */
function orAbsent(text: string | null | undefined): string | undefined {
  return text?.trim() ? text : undefined
}
