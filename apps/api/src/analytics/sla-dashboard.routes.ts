import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers } from '../shared/schemas.ts'
import { SlaDashboard } from './analytics.schemas.ts'

/** How promises stand, at a glance. */
export const slaDashboardRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  app.get(
    '/realtime-adherence',
    {
      config: { access: 'staff' },
      schema: {
        tags: ['Analytics'],
        operationId: 'getRealtimeAdherence',
        summary: 'How promises for resolution stand: ever, by priority, of what is open, and lately',
        response: answers({ 200: SlaDashboard }),
      },
    },
    async () => core.analytics.slaDashboard(),
  )
}
