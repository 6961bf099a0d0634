import fastifyFormbody from '@fastify/formbody'
import { DomainError, isAdmin } from '@servicedesk/core'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { limited } from '../plugins/rate-limit.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { adminPage, signInPage } from './admin-pages.ts'
import { adminOf, clearAdminCookie, isSameOrigin, safeNext, setAdminCookie } from './admin-session.ts'

const CSP =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

function html(reply: FastifyReply, body: string) {
  return reply
    .type('text/html; charset=utf-8')
    .header('Content-Security-Policy', CSP)
    .header('Cache-Control', 'no-store')
    .send(body)
}

/** /admin: the sign-in page of operators, and what is behind it. */
export async function signInRoutes(app: FastifyInstance, { core }: RouteDeps): Promise<void> {
  await app.register(fastifyFormbody)
  const hidden = { hide: true }

  app.get('/', { config: { access: 'public' }, schema: hidden }, async (request, reply) => {
    const admin = await adminOf(app, request)
    const { next } = request.query as { next?: string }
    return html(reply, admin === null ? signInPage(safeNext(next)) : adminPage(admin.name))
  })

  app.post(
    '/sign-in',
    { config: { access: 'public', ...limited('auth') }, schema: hidden },
    async (request, reply) => {
      if (!isSameOrigin(request))
        throw new DomainError('forbidden', 'cross_origin', 'Sign in from the page itself')
      const { email, password, next } = (request.body ?? {}) as Record<string, unknown>
      const target = safeNext(next)
      try {
        const origin = { ip: request.ip, userAgent: request.headers['user-agent']?.slice(0, 500) ?? null }
        const grant = await core.auth.login(
          { email: String(email ?? ''), password: String(password ?? '') },
          origin,
        )
        if (!isAdmin(grant.user.role as Parameters<typeof isAdmin>[0])) {
          await core.sessions.logout({ sessionId: grant.sessionId })
          reply.code(403)
          return html(reply, signInPage(target, 'This page is for admins'))
        }
        setAdminCookie(app, request, reply, { userId: grant.user.id, sessionId: grant.sessionId })
        return reply.redirect(target, 303)
      } catch (error) {
        if (!(error instanceof DomainError)) throw error
        reply.code(401)
        return html(reply, signInPage(target, error.message))
      }
    },
  )

  app.post('/sign-out', { config: { access: 'public' }, schema: hidden }, async (request, reply) => {
    if (!isSameOrigin(request))
      throw new DomainError('forbidden', 'cross_origin', 'Sign out from the page itself')
    const admin = await adminOf(app, request)
    if (admin !== null) await core.sessions.logout({ sessionId: admin.sessionId })
    clearAdminCookie(request, reply)
    return reply.redirect('/admin', 303)
  })
}
