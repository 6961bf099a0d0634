import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Grant, Origin } from '@servicedesk/core'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { limited } from '../plugins/rate-limit.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers } from '../shared/schemas.ts'
import {
  Done,
  LoggedIn,
  LoginBody,
  Me,
  RefreshBody,
  RegisterBody,
  Registered,
  TokenPair,
} from './auth.schemas.ts'

const tags = ['Authentication']

function originOf(request: FastifyRequest): Origin {
  return { ip: request.ip, userAgent: request.headers['user-agent']?.slice(0, 500) ?? null }
}

/** Sign-up, sign-in, and the life of tokens; how sessions end is in `session.routes.ts`. */
export const authRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core, config }) => {
  const publicRoute = { access: 'public' as const, ...limited('auth') }
  const tokens = (grant: Grant) => tokenPair(app, grant, config.accessTokenMinutes)

  app.post(
    '/register',
    {
      config: publicRoute,
      schema: {
        tags,
        operationId: 'register',
        summary: 'Make an account of one’s own',
        body: RegisterBody,
        description:
          'Where accounts are hidden it is always 202, and a mail brings the link that sets a password',
        response: answers({ 201: Registered, 202: Done }),
      },
    },
    async (request, reply) => {
      if (config.hidesAccounts) {
        await core.accounts.registerByMail(request.body)
        return reply
          .code(202)
          .send({ success: true, message: 'A mail with a link to go on with is on its way' })
      }
      const grant = await core.auth.register(request.body, originOf(request))
      const user = await core.auth.me({ ...grant.user, role: 'Normal User', sessionId: grant.sessionId })
      return reply.code(201).send({ user, ...tokens(grant) })
    },
  )

  app.post(
    '/login',
    {
      config: publicRoute,
      schema: {
        tags,
        operationId: 'login',
        summary: 'Sign in',
        body: LoginBody,
        response: answers({ 200: LoggedIn }),
      },
    },
    async (request) => {
      const grant = await core.auth.login(request.body, originOf(request))
      const { id, name, email, role } = grant.user
      return { success: true as const, user: { id, name, email, role }, ...tokens(grant) }
    },
  )

  app.post(
    '/refresh',
    {
      config: publicRoute,
      schema: {
        tags,
        operationId: 'refresh',
        summary: 'Spend a refresh token for a new pair',
        body: RefreshBody,
        response: answers({ 200: TokenPair }),
      },
    },
    async (request) => tokens(await core.auth.refresh(request.body.refresh_token)),
  )

  app.get(
    '/me',
    {
      schema: {
        tags,
        operationId: 'me',
        summary: 'The account that is signed in',
        response: answers({ 200: Me }),
      },
    },
    async (request) => core.auth.me(request.actor),
  )
}

function tokenPair(app: FastifyInstance, grant: Grant, minutes: number) {
  return {
    access_token: app.signAccessToken({ userId: grant.user.id, sessionId: grant.sessionId }),
    refresh_token: grant.refreshToken,
    token_type: 'bearer' as const,
    expires_in: minutes * 60,
  }
}
