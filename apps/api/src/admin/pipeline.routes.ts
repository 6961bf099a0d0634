import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, Nullable } from '../shared/schemas.ts'

const Counts = Type.Record(Type.String(), Type.Integer())
const Pipeline = Type.Object({
  owed: Type.Integer({ description: 'Outbox rows that are not done' }),
  dead: Type.Integer({ description: 'Dead letters' }),
  done: Type.Integer({ description: 'Outbox rows that are done and not yet pruned' }),
  oldest_owed_seconds: Nullable(Type.Number()),
  mails_queued: Type.Integer(),
  mails_sent: Type.Integer(),
  mails_failed: Type.Integer(),
  mails_discarded: Type.Integer({ description: 'Not sent, because a later mail had said more' }),
  thumbnails_pending: Type.Integer(),
  thumbnails_ready: Type.Integer(),
  thumbnails_failed: Type.Integer(),
  tickets_waiting: Type.Integer(),
  breaches: Type.Integer(),
  queues: Nullable(Type.Record(Type.String(), Counts)),
})

/** How far the work behind the tickets has come. */
export const pipelineRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core, queues }) => {
  app.get(
    '/pipeline',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['Operations'],
        operationId: 'getPipeline',
        summary: 'Work owed, done and dead; mails, thumbnails, queues',
        response: answers({ 200: Pipeline }),
      },
    },
    async () => {
      const [figures, counts] = await Promise.all([
        core.pipeline.figures(),
        // Redis may be away; what is owed is in PostgreSQL.
        Promise.all(
          Object.entries(queues).map(async ([name, queue]) => [
            name,
            await queue.getJobCounts('waiting', 'active', 'delayed', 'failed'),
          ]),
        )
          .then((entries) => Object.fromEntries(entries) as Record<string, Record<string, number>>)
          .catch(() => null),
      ])
      return { ...figures, queues: counts }
    },
  )
}
