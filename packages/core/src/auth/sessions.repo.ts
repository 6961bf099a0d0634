import {
  type Database,
  noteChanges,
  preparedRead,
  refreshTokens,
  sessions,
  type Tx,
  users,
} from '@servicedesk/db'
import { and, eq, isNull, ne, type SQL, sql } from 'drizzle-orm'

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

/** Ends one session, on every node; ending an ended one does nothing. */
export async function revokeSession(tx: Tx, sessionId: string, reason: string, now: Date): Promise<void> {
  await revoke(tx, eq(sessions.id, sessionId), reason, now)
}

/** Ends every session of a user, but for the one that is excepted. */
export async function revokeSessions(
  tx: Tx,
  userId: number,
  reason: string,
  now: Date,
  options: { except?: string } = {},
): Promise<void> {
  const others = options.except === undefined ? undefined : ne(sessions.id, options.except)
  await revoke(tx, and(eq(sessions.userId, userId), others), reason, now)
}

async function revoke(tx: Tx, which: SQL | undefined, reason: string, now: Date): Promise<void> {
  const ended = await tx
    .update(sessions)
    .set({ revokedAt: now, revokeReason: reason })
    .where(and(which, isNull(sessions.revokedAt)))
    .returning({ userId: sessions.userId })
  noteChanges(tx, { users: ended.map((row) => row.userId) })
}
