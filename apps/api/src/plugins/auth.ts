import fastifyJwt from '@fastify/jwt'
import { type Actor, DomainError, isAdmin, isStaff, isSupervisor, type RoleName } from '@servicedesk/core'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { RouteDeps } from '../shared/route-deps.ts'

/** Who may call a route; `user`, anybody signed in, unless the route says otherwise. */
export type Access = 'public' | 'user' | 'staff' | 'supervisor' | 'admin'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyRequest {
    /** Set on every route that is not public. */
    actor: Actor
  }
  interface FastifyInstance {
    signAccessToken(claims: { userId: number; sessionId: string }): string
    /** The actor behind an access token. @throws DomainError 401 */
    actorOf(token: string): Promise<Actor>
    /** The same by the session that a token named once. @throws DomainError 401 */
    actorOfSession(claims: { id: number; sessionId: string }): Promise<Actor>
  }
}

interface Claims {
  sub: string
  sid: string
  /** Seconds since 1970. */
  exp: number
}

const MAY: Record<Exclude<Access, 'public' | 'user'>, (role: RoleName) => boolean> = {
  staff: isStaff,
  supervisor: isSupervisor,
  admin: isAdmin,
}

/** Tokens whose signature this process has checked; more than use it at a time. */
const KNOWN_TOKENS = 5_000

/** A UUID: PostgreSQL would refuse another text as an error of ours. */
const SESSION_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const unauthenticated = (detail: string) => new DomainError('unauthenticated', 'unauthenticated', detail)

/**
 * Signs and checks access tokens. A token is good while its session lives: revoking that ends it on every node
 * with the next request, and the role that counts is the account's now, not the token's.
 */
export const authPlugin = fp(async (app: FastifyInstance, deps: RouteDeps) => {
  await app.register(fastifyJwt, {
    secret: deps.config.secret,
    sign: { algorithm: 'HS256', expiresIn: deps.config.accessTokenMinutes * 60 },
    // A token without an end would be good for as long as its session is renewed.
    verify: { algorithms: ['HS256'], requiredClaims: ['exp'] },
  })

  app.decorate('signAccessToken', ({ userId, sessionId }: { userId: number; sessionId: string }) =>
    app.jwt.sign({ sub: String(userId), sid: sessionId }),
  )

  // That a token is ours, and until when it is good, does not change; whether its session lives is asked each time.
  const known = new Map<string, Claims>()
  function claimsOf(token: string): Claims {
    const before = known.get(token)
    if (before !== undefined && before.exp * 1_000 > Date.now()) return before
    try {
      const claims = app.jwt.verify<Claims>(token)
      // Dropping all of it is the cheapest way to bound it.
      if (known.size >= KNOWN_TOKENS) known.clear()
      known.set(token, claims)
      return claims
    } catch {
      throw unauthenticated('The access token is not valid or has expired')
    }
  }

  app.decorate('actorOf', async (token: string) => {
    const { sub, sid } = claimsOf(token)
    if (!/^\d{1,15}$/.test(sub) || !SESSION_ID.test(sid))
      throw unauthenticated('The access token is not valid')
    return app.actorOfSession({ id: Number(sub), sessionId: sid })
  })

  app.decorate('actorOfSession', async ({ id, sessionId }: { id: number; sessionId: string }) => {
    const actor = await deps.core.auth.authenticate({ userId: id, sessionId })
    if (actor === null) throw unauthenticated('The session has ended; sign in again')
    return actor
  })

  app.decorateRequest('actor')
  app.addHook('onRequest', async (request) => {
    const access = request.routeOptions.config.access ?? 'user'
    // What matches no route is a 404 or 405 whoever asks.
    if (access === 'public' || request.is404) return
    request.actor = await app.actorOf(bearerToken(request))
    if (access !== 'user' && !MAY[access](request.actor.role)) {
      throw new DomainError('forbidden', 'forbidden', `This needs the role of ${WHO[access]}`)
    }
  })
})

const WHO = { staff: 'staff', supervisor: 'a supervisor', admin: 'an admin' } as const

/** Who calls a public route, where it is somebody signed in. */
export async function actorIfAny(request: FastifyRequest): Promise<Actor | null> {
  if (request.headers.authorization === undefined) return null
  try {
    return await request.server.actorOf(bearerToken(request))
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'unauthenticated') return null
    throw error
  }
}

function bearerToken(request: FastifyRequest): string {
  const match = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(request.headers.authorization ?? '')
  if (match?.[1] === undefined) throw unauthenticated('Sign in and send the access token as Bearer')
  return match[1]
}
