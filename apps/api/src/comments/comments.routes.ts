import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { parseTicketId } from '@servicedesk/core'
import { Type } from 'typebox'
import { limited } from '../plugins/rate-limit.ts'
import { answerOnce } from '../shared/idempotency.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, IdInput, Nullable, strict, Text, TicketParam, Timestamp, toId } from '../shared/schemas.ts'

const tags = ['Messages']

const Comment = Type.Object({
  id: Type.Integer(),
  ticket_id: Type.Integer(),
  user_id: Type.Integer(),
  user: Type.Object({ id: Type.Integer(), name: Type.String(), role: Type.String() }),
  content: Type.String(),
  is_internal: Type.Boolean(),
  reply_to: Nullable(Type.Integer()),
  created_at: Timestamp,
  updated_at: Timestamp,
})
const NewComment = Type.Object(
  {
    content: Text(1, 20_000),
    is_internal: Type.Optional(Type.Boolean()),
    reply_to: Type.Optional(Nullable(IdInput)),
  },
  strict,
)

/** The messages of a ticket under their other name. */
export const commentRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, deps) => {
  app.get(
    '/:id/comments',
    {
      schema: {
        tags,
        operationId: 'listComments',
        summary: 'Comments, oldest first',
        params: TicketParam,
        response: answers({ 200: Type.Array(Comment) }),
      },
    },
    async (request) => deps.core.messages.comments(request.actor, parseTicketId(request.params.id, 'id')),
  )

  app.post(
    '/:id/comments',
    {
      config: limited('create'),
      schema: {
        tags,
        operationId: 'createComment',
        summary: 'Say something on a ticket',
        params: TicketParam,
        body: NewComment,
        response: answers({ 201: Comment }),
      },
    },
    async (request, reply) => {
      const { content, is_internal, reply_to } = request.body
      const message = {
        ticketId: parseTicketId(request.params.id, 'id'),
        body: content,
        isInternal: is_internal,
        replyTo: reply_to == null ? null : toId(reply_to),
      }
      const body = await answerOnce(deps, request, reply, message, async (outer) => ({
        status: 201,
        body: await deps.core.messages.comment(request.actor, message, outer),
      }))
      return reply.code(201).send(body)
    },
  )
}
