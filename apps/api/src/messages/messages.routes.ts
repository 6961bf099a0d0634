import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { parseTicketId } from '@servicedesk/core'
import { limited } from '../plugins/rate-limit.ts'
import { answerOnce } from '../shared/idempotency.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, TicketParam, toId } from '../shared/schemas.ts'
import { MessageView, NewMessage, Timeline, TimelineQuery } from './messages.schemas.ts'

const tags = ['Messages']

/** What is said on tickets. */
export const messageRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, deps) => {
  app.post(
    '/',
    {
      config: limited('create'),
      schema: {
        tags,
        operationId: 'sendMessage',
        summary: 'Say something on a ticket',
        body: NewMessage,
        response: answers({ 201: MessageView }),
      },
    },
    async (request, reply) => {
      const { ticket_id, message: body, is_internal, reply_to, image_url } = request.body
      const said = {
        ticketId: parseTicketId(ticket_id),
        body,
        isInternal: is_internal,
        replyTo: reply_to == null ? null : toId(reply_to),
        imageUrl: image_url,
      }
      const answer = await answerOnce(deps, request, reply, said, async (outer) => ({
        status: 201,
        body: await deps.core.messages.post(request.actor, said, outer),
      }))
      return reply.code(201).send(answer)
    },
  )

  app.get(
    '/ticket/:id/timeline',
    {
      schema: {
        tags,
        operationId: 'getTimeline',
        summary: 'Messages and uploads of a ticket, oldest first',
        params: TicketParam,
        querystring: TimelineQuery,
        response: answers({ 200: Timeline }),
      },
    },
    async (request) =>
      deps.core.messages.timeline(
        request.actor,
        parseTicketId(request.params.id, 'id'),
        request.query.include === 'events',
      ),
  )
}
