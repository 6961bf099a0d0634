import { type Actor, DomainError, isAdmin } from '@servicedesk/core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const COOKIE = 'servicedesk_admin'
const HOURS = 8

/** Cookies of the pages under /admin: never readable by scripts, never sent along from another site. */
function cookieOptions(request: FastifyRequest) {
  return {
    path: '/admin',
    httpOnly: true,
    sameSite: 'strict' as const,
    secure: request.protocol === 'https',
    maxAge: HOURS * 3_600,
  }
}

/** Remembers a signed-in admin's session in the cookie. */
export function setAdminCookie(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  claims: { userId: number; sessionId: string },
): void {
  const token = app.jwt.sign(
    { sub: String(claims.userId), sid: claims.sessionId },
    { expiresIn: HOURS * 3_600 },
  )
  reply.setCookie(COOKIE, token, cookieOptions(request))
}

export function clearAdminCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(COOKIE, cookieOptions(request))
}

/** The admin whose cookie came with the request, or null; the session must still live. */
export async function adminOf(app: FastifyInstance, request: FastifyRequest): Promise<Actor | null> {
  const token = request.cookies[COOKIE]
  if (!token) return null
  try {
    const actor = await app.actorOf(token)
    return isAdmin(actor.role) ? actor : null
  } catch (error) {
    if (error instanceof DomainError) return null
    throw error
  }
}

/** Whether a request that changes something comes from our own pages; browsers say so in either header. */
export function isSameOrigin(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const { origin } = request.headers
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === request.host
}

/** Where to go after the sign-in: only ever a path of these pages. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/admin(?:\/[\w/?=&.-]*)?$/.test(next) ? next : '/admin'
}
