import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, Message } from '../shared/schemas.ts'

/** A sweep of the SLA clocks on demand. */
export const sweepRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  app.post(
    '/sla/sweep',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['Operations'],
        operationId: 'sweepSla',
        summary: 'Queue a sweep of the SLA clocks; one comes every 15 s anyway',
        response: answers({ 202: Message }),
      },
    },
    async (_request, reply) => {
      await core.sweeps.request()
      return reply.code(202).send({ message: 'A sweep of the SLA clocks is queued' })
    },
  )
}
