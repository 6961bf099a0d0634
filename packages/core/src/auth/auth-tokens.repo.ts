import { authTokens, type Tx, users } from '@servicedesk/db'
import { and, eq, gt, inArray, isNull } from 'drizzle-orm'

type Purpose = (typeof authTokens.$inferSelect)['purpose']

/**
 * Spends a one-time token that was mailed for one of these purposes, and locks its user: before it, as everybody does who
 * changes an account.
 * @returns whose it is; null when it is unknown, used or too old
 */
export async function spendToken(
  tx: Tx,
  hash: string,
  purposes: readonly Purpose[],
  now: Date,
): Promise<number | null> {
  const [owner] = await tx
    .select({ id: users.id })
    .from(authTokens)
    .innerJoin(users, eq(users.id, authTokens.userId))
    .where(eq(authTokens.hash, hash))
    .for('no key update', { of: users })
  if (owner === undefined) return null
  const [row] = await tx
    .update(authTokens)
    .set({ usedAt: now })
    .where(
      and(
        eq(authTokens.hash, hash),
        isNull(authTokens.usedAt),
        gt(authTokens.expiresAt, now),
        inArray(authTokens.purpose, [...purposes]),
      ),
    )
    .returning({ userId: authTokens.userId })
  return row?.userId ?? null
}

/** Spends every token of a user: what was mailed before a new password or to a former address opens nothing. */
export async function spendTokens(tx: Tx, userId: number, now: Date): Promise<void> {
  await tx
    .update(authTokens)
    .set({ usedAt: now })
    .where(and(eq(authTokens.userId, userId), isNull(authTokens.usedAt)))
}
