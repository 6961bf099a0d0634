import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorIfAny } from '../plugins/auth.ts'
import { limited } from '../plugins/rate-limit.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, UuidParam } from '../shared/schemas.ts'
import { Done, LogoutBody, Sessions } from './auth.schemas.ts'

const tags = ['Authentication']

/** Where one is signed in, and how that ends. */
export const sessionRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  app.post(
    '/logout',
    {
      // Also for a client whose access token has expired.
      config: { access: 'public', ...limited('auth') },
      schema: {
        tags,
        operationId: 'logout',
        summary: 'End this session everywhere',
        description:
          'The session of the access token (if sent as Bearer), that of the refresh token, or both',
        body: LogoutBody,
        response: answers({ 200: Done }),
      },
    },
    async (request) => {
      const actor = await actorIfAny(request)
      const refreshToken = request.body?.refresh_token
      await core.sessions.logout({ sessionId: actor?.sessionId, refreshToken })
      return { success: true, message: 'Signed out' }
    },
  )

  app.post(
    '/logout-all',
    {
      schema: {
        tags,
        operationId: 'logoutAll',
        summary: 'End every session of one’s own, this one too',
        response: answers({ 200: Done }),
      },
    },
    async (request) => {
      await core.sessions.logoutAll(request.actor)
      return { success: true, message: 'Signed out everywhere' }
    },
  )

  app.get(
    '/sessions',
    {
      schema: {
        tags,
        operationId: 'listSessions',
        summary: 'Where one is signed in, what was used last first',
        response: answers({ 200: Sessions }),
      },
    },
    async (request) => ({ sessions: await core.sessions.list(request.actor) }),
  )

  app.delete(
    '/sessions/:id',
    {
      schema: {
        tags,
        operationId: 'endSession',
        summary: 'End one of one’s sessions',
        params: UuidParam,
        response: answers({ 200: Done }),
      },
    },
    async (request) => {
      await core.sessions.end(request.actor, request.params.id)
      return { success: true, message: 'The session has ended' }
    },
  )
}
