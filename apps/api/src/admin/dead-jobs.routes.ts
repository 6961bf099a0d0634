import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { RouteDeps } from '../shared/route-deps.ts'
import {
  answers,
  Nullable,
  NullableTimestamp,
  Pagination,
  pageQuery,
  strict,
  Text,
  UuidParam,
} from '../shared/schemas.ts'

const tags = ['Operations']

const DeadJob = Type.Object({
  id: Type.String({ format: 'uuid' }),
  queue: Type.String(),
  name: Type.String(),
  payload: Type.Any({ description: 'Ids only' }),
  attempts: Type.Integer({
    description: 'How often it was handed to its queue; each time it was tried again and again',
  }),
  reason: Nullable(Type.String({ description: 'What it died of; null once it is owed again' })),
  created_at: NullableTimestamp,
  failed_at: NullableTimestamp,
  ticket_id: Nullable(Type.String({ description: 'The ticket that it is about, where it is about one' })),
})

const Query = Type.Object(
  { ...pageQuery, queue: Type.Optional(Text(1, 100)), name: Type.Optional(Text(1, 100)) },
  strict,
)

/** Jobs that were given up: see why, and try them again. */
export const deadJobRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  app.get(
    '/jobs/dead',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        operationId: 'listDeadJobs',
        summary: 'Dead letters, newest first',
        querystring: Query,
        response: answers({ 200: Type.Object({ jobs: Type.Array(DeadJob), pagination: Pagination }) }),
      },
    },
    async (request) => {
      const { per_page, ...query } = request.query
      return core.deadLetters.list({ ...query, perPage: per_page })
    },
  )

  app.post(
    '/jobs/dead/:id/retry',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        operationId: 'retryDeadJob',
        summary: 'Owe a dead letter again; 409 when it is not dead or its attempts are used up',
        params: UuidParam,
        response: answers({ 202: DeadJob }),
      },
    },
    async (request, reply) =>
      reply.code(202).send(await core.deadLetters.retry(request.actor, request.params.id)),
  )
}
