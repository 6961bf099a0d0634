import { sessions } from '@servicedesk/db'
import { and, desc, eq, gt, isNull } from 'drizzle-orm'
import type { Actor } from '../shared/actor.ts'
import { DomainError, notFound } from '../shared/errors.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { lockRefreshToken, revokeSession, revokeSessions } from './sessions.repo.ts'
import { hashToken } from './tokens.ts'

/** As many are listed; who has more has other worries. */
const MOST_SHOWN = 100

/** What a client shows to be signed out: the session of its access token, a refresh token, or both. */
export interface SignOut {
  sessionId?: string | undefined
  refreshToken?: string | undefined
}

/** Where people are signed in, and how that ends: with the next request and, for sockets, at once, on every node. */
export function createSessionService(deps: ServiceDeps) {
  const { db, clock } = deps
  return {
    /**
     * Ends the session of an access token, of a refresh token, or both; a session that has ended already stays so.
     * @throws DomainError 401 when neither names one
     */
    async logout({ sessionId, refreshToken }: SignOut): Promise<void> {
      const now = clock.now()
      await transact(deps, async (tx) => {
        const found = refreshToken ? await lockRefreshToken(tx, hashToken(refreshToken)) : undefined
        const ids = [sessionId, found?.session.id].filter((id) => id !== undefined)
        if (ids.length === 0) {
          throw new DomainError('unauthenticated', 'unauthenticated', 'Nothing of this is signed in')
        }
        for (const id of new Set(ids)) await revokeSession(tx, id, 'logout', now)
      })
    },

    /** Ends every session of the caller, this one too. */
    async logoutAll(actor: Actor): Promise<void> {
      await transact(deps, (tx) => revokeSessions(tx, actor.id, 'logout_all', clock.now()))
    },

    /** Where the caller is signed in, what was used last first. */
    async list(actor: Actor) {
      const rows = await db
        .select()
        .from(sessions)
        .where(
          and(eq(sessions.userId, actor.id), isNull(sessions.revokedAt), gt(sessions.expiresAt, clock.now())),
        )
        .orderBy(desc(sessions.lastUsedAt), desc(sessions.id))
        .limit(MOST_SHOWN)
      return rows.map((row) => ({
        id: row.id,
        created_at: row.createdAt.toISOString(),
        last_used_at: row.lastUsedAt.toISOString(),
        expires_at: row.expiresAt.toISOString(),
        ip: row.ip,
        user_agent: row.userAgent,
        is_current: row.id === actor.sessionId,
      }))
    },

    /** Ends one of the caller's sessions. @throws DomainError 404 for what is none, or not the caller's */
    async end(actor: Actor, sessionId: string): Promise<void> {
      const now = clock.now()
      await transact(deps, async (tx) => {
        const own = and(
          eq(sessions.id, sessionId),
          eq(sessions.userId, actor.id),
          isNull(sessions.revokedAt),
          gt(sessions.expiresAt, now),
        )
        const [row] = await tx.select({ id: sessions.id }).from(sessions).where(own)
        if (row === undefined) throw notFound('Session')
        await revokeSession(tx, sessionId, 'ended_by_user', now)
      })
    },
  }
}

export type SessionService = ReturnType<typeof createSessionService>
