import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { parseTicketId } from '@servicedesk/core'
import { Type } from 'typebox'
import { limited } from '../plugins/rate-limit.ts'
import { answerOnce } from '../shared/idempotency.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import {
  answers,
  IdInput,
  Ignored,
  Nullable,
  strict,
  Text,
  TicketIdInput,
  TicketParam,
  Timestamp,
  toId,
} from '../shared/schemas.ts'

const tags = ['Messages']

const message = {
  id: Type.Integer(),
  ticket_id: Type.String(),
  sender_id: Type.Integer(),
  sender_name: Type.String(),
  sender_role: Type.String(),
  message: Type.String(),
  is_internal: Type.Boolean(),
  reply_to: Nullable(Type.Integer()),
  timestamp: Timestamp,
  type: Type.Literal('message'),
  image_url: Type.Optional(Type.String()),
}
const NewMessage = Type.Object(
  {
    ticket_id: TicketIdInput,
    message: Text(1, 20_000),
    is_internal: Type.Optional(Type.Boolean()),
    reply_to: Type.Optional(Nullable(IdInput)),
    image_url: Type.Optional(
      Nullable(Type.String({ maxLength: 2_000, pattern: '^https?://[^\\u0000\\s]+$' })),
    ),
    sender_id: Ignored,
    sender_name: Ignored,
    sender_role: Ignored,
    file_info: Ignored,
  },
  strict,
)
/** Messages and uploads, and with `include=events` what happened: told apart by `type`. */
const Timeline = Type.Array(
  Type.Object({ type: Type.String(), timestamp: Timestamp }, { additionalProperties: true }),
)
const TimelineQuery = Type.Object({ include: Type.Optional(Type.Literal('events')) }, strict)

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
        response: answers({ 201: Type.Object(message) }),
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
