import { randomUUID } from 'node:crypto'
import { users } from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import type { RoleName } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { conflict, DomainError, notFound } from '../shared/errors.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { type PersonName, splitName, userView } from '../users/user-view.ts'
import { insertUser, isDuplicateEmail } from '../users/users.repo.ts'
import { oweAccountMail } from './account-mail.ts'
import { checkPassword, hashPassword, type PasswordRules, verifyPassword } from './passwords.ts'
import {
  findLiveSession,
  insertSession,
  lockRefreshToken,
  revokeSession,
  spendRefreshToken,
} from './sessions.repo.ts'
import { hashToken, newToken, successorOf } from './tokens.ts'

export interface AuthSettings {
  /** Derives refresh successors; the same on every node. */
  secret: string
  refreshTokenDays: number
  passwords: PasswordRules
}

/** Where a sign-in came from, kept with its session. */
export interface Origin {
  ip: string | null
  userAgent: string | null
}

/** A live session with the refresh token that its client gets; the API adds the access token. */
export interface Grant {
  sessionId: string
  refreshToken: string
  user: typeof users.$inferSelect
}

/** Parallel refreshes with the same token inside this time get the same successor (contract.md). */
const PARALLEL_REFRESH_MS = 10_000

const badCredentials = () =>
  new DomainError('unauthenticated', 'invalid_credentials', 'The e-mail address or the password is wrong', {
    extra: { success: false },
  })

const badRefreshToken = () =>
  new DomainError('unauthenticated', 'invalid_refresh_token', 'The refresh token is not valid; sign in again')

/** Who is signed in. */
export function createAuthService(deps: ServiceDeps & { auth: AuthSettings }) {
  const { db, clock, auth } = deps
  const refreshExpiry = (now: Date) => new Date(now.getTime() + auth.refreshTokenDays * 24 * 3_600_000)

  async function openSession(user: typeof users.$inferSelect, origin: Origin, now: Date): Promise<Grant> {
    const refreshToken = newToken()
    const sessionId = randomUUID()
    const expiresAt = refreshExpiry(now)
    await db.transaction(async (tx) => {
      await insertSession(
        tx,
        { id: sessionId, userId: user.id, createdAt: now, lastUsedAt: now, expiresAt, ...origin },
        { hash: hashToken(refreshToken), expiresAt },
      )
      await tx.update(users).set({ lastLoginAt: now }).where(eq(users.id, user.id))
    })
    return { sessionId, refreshToken, user: { ...user, lastLoginAt: now } }
  }

  return {
    /**
     * Makes a Normal User, whatever else the client asked for, and signs them in; a mail asks to confirm the address.
     * @throws DomainError 400 for the password, 409 for an address that has an account
     */
    async register(input: { email: string; password: string } & PersonName, origin: Origin): Promise<Grant> {
      checkPassword(input.password, auth.passwords)
      const passwordHash = await hashPassword(input.password)
      const now = clock.now()
      const names = splitName(input)
      try {
        const made = { ...names, email: input.email, passwordHash, role: 'Normal User' } as const
        const user = await transact(deps, async (tx) => {
          const user = await insertUser(tx, { ...made, createdAt: now })
          await oweAccountMail(tx, user, 'verify_email', now)
          return user
        })
        return await openSession(user, origin, now)
      } catch (error) {
        if (isDuplicateEmail(error))
          throw conflict('email_taken', 'An account with this e-mail address exists')
        throw error
      }
    },

    /** @throws DomainError 401, the same in body and time for an unknown account and a wrong password */
    async login(input: { email: string; password: string }, origin: Origin): Promise<Grant> {
      const [user] = await db.select().from(users).where(sql`lower(${users.email}) = lower(${input.email})`)
      const matches = await verifyPassword(user?.passwordHash ?? null, input.password)
      if (user === undefined || !matches || !user.isActive) throw badCredentials()
      return openSession(user, origin, clock.now())
    },

    /**
     * Spends a refresh token for its successor. A spent one that comes back later than parallel requests explain
     * was stolen or copied: the whole session ends.
     * @throws DomainError 401
     */
    async refresh(refreshToken: string): Promise<Grant> {
      const now = clock.now()
      const successor = successorOf(refreshToken, auth.secret)
      const grant = await transact(deps, async (tx) => {
        const found = await lockRefreshToken(tx, hashToken(refreshToken))
        if (found === undefined) return null
        const { token, session, user } = found
        if (session.revokedAt !== null || !user.isActive || token.expiresAt <= now) return null
        if (token.spentAt === null) {
          await spendRefreshToken(
            tx,
            token,
            { hash: hashToken(successor), expiresAt: refreshExpiry(now) },
            now,
          )
        } else if (now.getTime() - token.spentAt.getTime() > PARALLEL_REFRESH_MS) {
          await revokeSession(tx, session.id, 'refresh_token_replayed', now)
          return null
        }
        return { sessionId: session.id, refreshToken: successor, user }
      })
      if (grant === null) throw badRefreshToken()
      return grant
    },

    /** The actor of a live session, or null: revoked, expired, deactivated, or not this user's. */
    async authenticate(claims: { userId: number; sessionId: string }): Promise<Actor | null> {
      const row = await findLiveSession(db, claims.sessionId, clock.now())
      if (row === null || row.id !== claims.userId) return null
      return {
        id: row.id,
        name: row.name,
        email: row.email,
        role: row.role as RoleName,
        sessionId: row.sessionId,
      }
    },

    /** The caller's own account. */
    async me(actor: Actor) {
      const [row] = await db.select().from(users).where(eq(users.id, actor.id))
      if (row === undefined) throw notFound('User')
      return userView(row)
    },
  }
}

export type AuthService = ReturnType<typeof createAuthService>
