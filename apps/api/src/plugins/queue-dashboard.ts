import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { FastifyInstance } from 'fastify'
import { adminOf, isSameOrigin } from '../admin/admin-session.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { sendProblem } from './errors.ts'

const PATH = '/admin/queues'
const CSP =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

/**
 * Bull Board for signed-in admins. The hook covers every route of the board; it replies and does not throw,
 * because the board would format the error in its own way.
 */
export async function queueDashboardPlugin(app: FastifyInstance, deps: RouteDeps): Promise<void> {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('Content-Security-Policy', CSP)
    if ((await adminOf(app, request)) === null) {
      const wantsPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
      if (wantsPage) return reply.redirect(`/admin?next=${PATH}`, 303)
      return sendProblem(request, reply, {
        status: 401,
        code: 'unauthenticated',
        detail: 'Sign in at /admin',
      })
    }
    // The board can add, retry and delete jobs: nobody may make an admin's browser do that from elsewhere.
    if (request.method !== 'GET' && request.method !== 'HEAD' && !isSameOrigin(request)) {
      return sendProblem(request, reply, {
        status: 403,
        code: 'cross_origin',
        detail: 'Use the board itself',
      })
    }
  })
  const adapter = new FastifyAdapter()
  adapter.setBasePath(PATH)
  createBullBoard({
    queues: Object.values(deps.queues).map((queue) => new BullMQAdapter(queue)),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'ServiceDesk queues' } },
  })
  app.addHook('onRoute', (route) => {
    // The board's own sign-in is the cookie above.
    route.config = { ...route.config, access: 'public' }
    route.schema = { ...route.schema, hide: true }
  })
  await app.register(adapter.registerPlugin(), { prefix: PATH })
}
