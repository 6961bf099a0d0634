import { type Tx, users } from '@servicedesk/db'
import { and, eq, sql } from 'drizzle-orm'
import type { Actor } from '../shared/actor.ts'
import { invalid } from '../shared/errors.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { type PersonName, splitName } from '../users/user-view.ts'
import { insertUser, isDuplicateEmail } from '../users/users.repo.ts'
import { oweAccountMail, oweReset } from './account-mail.ts'
import { spendToken, spendTokens } from './auth-tokens.repo.ts'
import { checkPassword, hashPassword, type PasswordRules, verifyPassword } from './passwords.ts'
import { revokeSessions } from './sessions.repo.ts'
import { hashToken } from './tokens.ts'

const badToken = () => invalid('token', 'is not valid or has expired')

/** Addresses and passwords: how people prove the one and change the other. */
export function createAccountService(deps: ServiceDeps & { passwords: PasswordRules }) {
  const { db, clock } = deps

  async function lockByEmail(tx: Tx, email: string) {
    const [user] = await tx
      .select()
      .from(users)
      .where(sql`lower(${users.email}) = lower(${email})`)
      .for('no key update')
    return user
  }

  return {
    /**
     * Registers without telling whether the address had an account: whoever reads its mail gets a link that sets a
     * password, of a new account or the one there is. The password that was sent is checked and not kept, or a stranger
     * could choose the one that the owner of the address makes valid.
     * @throws DomainError 400 for the name or the password
     */
    async registerByMail(input: { email: string; password: string } & PersonName): Promise<void> {
      checkPassword(input.password, deps.passwords)
      const names = splitName(input)
      const now = clock.now()
      const work = transact(deps, async (tx) => {
        const known = await lockByEmail(tx, input.email)
        if (known !== undefined) return oweReset(tx, input.email, known.isActive ? known : undefined, now)
        const made = { ...names, email: input.email, passwordHash: null, role: 'Normal User' } as const
        const user = await insertUser(tx, { ...made, createdAt: now })
        await oweAccountMail(tx, user, 'invitation', now)
      })
      await work.catch((error: unknown) => {
        // Somebody registered it at the same moment, and is mailed.
        if (!isDuplicateEmail(error)) throw error
      })
    },

    /** Mails a link that sets a new password, when the address has an active account; nobody can tell. */
    async forgotPassword(email: string): Promise<void> {
      const now = clock.now()
      await transact(deps, async (tx) => {
        const user = await lockByEmail(tx, email)
        await oweReset(tx, email, user?.isActive ? user : undefined, now)
      })
    },

    /** Proves an address by the token that was mailed to it. @throws DomainError 400 for a token that is not good */
    async verifyEmail(token: string): Promise<void> {
      await transact(deps, async (tx) => {
        const userId = await spendToken(tx, hashToken(token), ['verify_email'], clock.now())
        if (userId === null) throw badToken()
        await tx.update(users).set({ isVerified: true }).where(eq(users.id, userId))
      })
    },

    /**
     * Sets a password with the one-time token of an invitation or a reset; every session ends.
     * @throws DomainError 400 for the password, or a token that is unknown, used or too old
     */
    async resetPassword(token: string, password: string): Promise<void> {
      checkPassword(password, deps.passwords)
      const passwordHash = await hashPassword(password)
      const now = clock.now()
      await transact(deps, async (tx) => {
        const userId = await spendToken(tx, hashToken(token), ['invitation', 'password_reset'], now)
        if (userId === null) throw badToken()
        // Whoever has the mail has the address.
        await tx.update(users).set({ passwordHash, isVerified: true }).where(eq(users.id, userId))
        await spendTokens(tx, userId, now)
        await revokeSessions(tx, userId, 'password_reset', now)
      })
    },

    /**
     * Sets another password of one's own; all other sessions end.
     * @throws DomainError 400 for the new password, or a current one that is wrong
     */
    async changePassword(actor: Actor, current: string, password: string): Promise<void> {
      checkPassword(password, deps.passwords, 'new_password')
      const wrong = invalid('current_password', 'is not the password of this account')
      const [before] = await db.select({ hash: users.passwordHash }).from(users).where(eq(users.id, actor.id))
      const known = before?.hash ?? null
      if (!(await verifyPassword(known, current)) || known === null) throw wrong
      const passwordHash = await hashPassword(password)
      const now = clock.now()
      await transact(deps, async (tx) => {
        const changed = await tx
          .update(users)
          .set({ passwordHash })
          .where(and(eq(users.id, actor.id), eq(users.passwordHash, known)))
          .returning({ id: users.id })
        // Changed meanwhile, so that the current one is another.
        if (changed.length === 0) throw wrong
        await spendTokens(tx, actor.id, now)
        await revokeSessions(tx, actor.id, 'password_changed', now, { except: actor.sessionId })
      })
    },
  }
}

export type AccountService = ReturnType<typeof createAccountService>
