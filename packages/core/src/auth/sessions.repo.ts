import {
  authTokens,
  type Database,
  type Executor,
  preparedRead,
  refreshTokens,
  sessions,
  type Tx,
  users,
} from '@servicedesk/db'
import { and, eq, gt, inArray, isNull, sql } from 'drizzle-orm'

/** A session with its user, as every authenticated request needs them; null when it has ended. */
export async function findLiveSession(db: Database, sessionId: string, now: Date) {
  const query = preparedRead(db, 'live_session', (handle, name) =>
    handle
      .select({
        sessionId: sessions.id,
        expiresAt: sessions.expiresAt,
        id: users.id,
        name: users.name,
        email: users.email,
        role: users.role,
      })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(
        and(
          eq(sessions.id, sql.placeholder('sessionId')),
          isNull(sessions.revokedAt),
          eq(users.isActive, true),
        ),
      )
      .prepare(name),
  )
  const [row] = await query.execute({ sessionId })
  return row === undefined || row.expiresAt <= now ? null : row
}

export async function insertSession(
  tx: Tx,
  session: typeof sessions.$inferInsert,
  token: { hash: string; expiresAt: Date },
): Promise<void> {
  await tx.insert(sessions).values(session)
  await tx.insert(refreshTokens).values({ sessionId: session.id, issuedAt: session.createdAt, ...token })
}

/** A refresh token with its session and user, locked until the transaction ends. */
export async function lockRefreshToken(tx: Tx, hash: string) {
  const [row] = await tx
    .select({ token: refreshTokens, session: sessions, user: users })
    .from(refreshTokens)
    .innerJoin(sessions, eq(sessions.id, refreshTokens.sessionId))
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(refreshTokens.hash, hash))
    .for('update', { of: refreshTokens })
  return row
}

export async function spendRefreshToken(
  tx: Tx,
  spent: { hash: string; sessionId: string },
  successor: { hash: string; expiresAt: Date },
  now: Date,
): Promise<void> {
  await tx.update(refreshTokens).set({ spentAt: now }).where(eq(refreshTokens.hash, spent.hash))
  await tx.insert(refreshTokens).values({ sessionId: spent.sessionId, issuedAt: now, ...successor })
  await tx
    .update(sessions)
    .set({ lastUsedAt: now, expiresAt: successor.expiresAt })
    .where(eq(sessions.id, spent.sessionId))
}

/** Ends one session; ending an ended one does nothing. */
export async function revokeSession(
  db: Executor,
  sessionId: string,
  reason: string,
  now: Date,
): Promise<void> {
  await db
    .update(sessions)
    .set({ revokedAt: now, revokeReason: reason })
    .where(and(eq(sessions.id, sessionId), isNull(sessions.revokedAt)))
}

/** Ends every session of a user. */
export async function revokeSessions(db: Executor, userId: number, reason: string, now: Date): Promise<void> {
  await db
    .update(sessions)
    .set({ revokedAt: now, revokeReason: reason })
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt)))
}

/** Spends a one-time token that sets a password; null when it is unknown, used or too old. */
export async function spendToken(tx: Tx, hash: string, now: Date): Promise<number | null> {
  const [row] = await tx
    .update(authTokens)
    .set({ usedAt: now })
    .where(
      and(
        eq(authTokens.hash, hash),
        isNull(authTokens.usedAt),
        gt(authTokens.expiresAt, now),
        inArray(authTokens.purpose, ['invitation', 'password_reset']),
      ),
    )
    .returning({ userId: authTokens.userId })
  return row?.userId ?? null
}
