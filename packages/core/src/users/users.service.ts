import { type Tx, users } from '@servicedesk/db'
import { and, asc, eq } from 'drizzle-orm'
import { oweDrain } from '../assignment/drain.ts'
import { takeAssignmentLock } from '../assignment/lock.ts'
import { oweAccountMail } from '../auth/account-mail.ts'
import { spendTokens } from '../auth/auth-tokens.repo.ts'
import { checkPassword, hashPassword, type PasswordRules } from '../auth/passwords.ts'
import { revokeSessions } from '../auth/sessions.repo.ts'
import type { Configuration, ConfigurationCache } from '../config/configuration.ts'
import { isAdmin, isAgentRole, isStaff, parseRole, type RoleName } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { assertThat, conflict, forbidden, invalid, notFound } from '../shared/errors.ts'
import type { ListDeps } from '../shared/page.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { type AgentChanges, changeAgent, putTicketsBack } from './agent-changes.ts'
import { listUserRows, type UserFilter } from './list-users.ts'
import { type PersonName, splitName, type UserView, userView } from './user-view.ts'
import { ensureAgent, findAgentViews, insertUser, isDuplicateEmail } from './users.repo.ts'

export type UserChanges = PersonName &
  AgentChanges & { email?: string; role?: string; is_active?: boolean; password?: string }

function requireRole(text: string): RoleName {
  const role = parseRole(text)
  if (role === undefined)
    throw invalid('role', 'must be Normal User, Technical User, Technical Supervisor or System Admin')
  return role
}

async function duplicateAsConflict<R>(work: Promise<R>): Promise<R> {
  try {
    return await work
  } catch (error) {
    if (isDuplicateEmail(error)) throw conflict('email_taken', 'An account with this e-mail address exists')
    throw error
  }
}

/** Accounts, as admins keep them and everybody reads their own. */
export function createUserService(
  deps: ServiceDeps & ListDeps & { configuration: ConfigurationCache; passwords: PasswordRules },
) {
  const { db, clock } = deps

  async function withAgents(rows: (typeof users.$inferSelect)[]): Promise<UserView[]> {
    const ids = rows.filter((row) => isAgentRole(row.role as RoleName)).map((row) => row.id)
    const views = await findAgentViews(db, ids)
    return rows.map((row) => ({ ...userView(row), ...views.get(row.id) }))
  }

  async function lockUser(tx: Tx, id: number) {
    const [row] = await tx.select().from(users).where(eq(users.id, id)).for('no key update')
    if (row === undefined) throw notFound('User')
    return row
  }

  /** Locks every active admin, so that two demotions at once cannot leave none. */
  async function keepAnAdmin(tx: Tx, id: number): Promise<void> {
    const others = await tx
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.role, 'System Admin'), eq(users.isActive, true)))
      .orderBy(asc(users.id))
      .for('no key update')
    if (!others.some((row) => row.id !== id)) {
      throw conflict('last_admin', 'The last active admin cannot be demoted or deactivated')
    }
  }

  async function apply(id: number, changes: UserChanges, passwordHash?: string): Promise<void> {
    const configuration = await deps.configuration.get({ fresh: true })
    await transact(deps, (tx) => applyIn(tx, configuration, id, changes, passwordHash))
  }

  async function applyIn(
    tx: Tx,
    configuration: Configuration,
    id: number,
    changes: UserChanges,
    passwordHash: string | undefined,
  ): Promise<void> {
    // Before any row: whoever leaves gives tickets back, and assignment locks agents under this lock.
    await takeAssignmentLock(tx)
    const row = await lockUser(tx, id)
    const now = clock.now()
    const role = changes.role === undefined ? (row.role as RoleName) : requireRole(changes.role)
    const isActive = changes.is_active ?? row.isActive
    if (isAdmin(row.role as RoleName) && row.isActive && (!isActive || !isAdmin(role)))
      await keepAnAdmin(tx, id)
    const named = [changes.name, changes.first_name, changes.last_name].some((part) => part !== undefined)
    const names = named
      ? splitName(
          changes.name === undefined
            ? { first_name: row.firstName, last_name: row.lastName, ...changes }
            : changes,
        )
      : {}
    const email = changes.email ?? row.email
    const isMoved = email !== row.email
    await tx
      .update(users)
      .set({
        ...names,
        ...(isMoved ? { email, isVerified: false } : {}),
        role,
        isActive,
        ...(passwordHash === undefined ? {} : { passwordHash }),
      })
      .where(eq(users.id, id))
    if (isMoved || passwordHash !== undefined) await spendTokens(tx, id, now)
    const leaves = !isActive || !isAgentRole(role)
    // Tickets before the agent's row, as everybody who moves a ticket locks them.
    if (leaves && row.isActive && isAgentRole(row.role as RoleName)) await putTicketsBack(tx, id, now)
    await ensureAgent(tx, id, role)
    const hasChanged = await changeAgent(tx, configuration, id, role, changes)
    if (!leaves && (hasChanged || !row.isActive || role !== row.role)) await oweDrain(tx)
    if (!isActive || role !== row.role || passwordHash !== undefined)
      await revokeSessions(tx, id, 'account_changed', now)
  }

  return {
    async list({ roles, ...filter }: Omit<UserFilter, 'roles'> & { roles?: readonly string[] | undefined }) {
      const { rows, pagination } = await listUserRows(deps, { ...filter, roles: roles?.map(requireRole) })
      return { users: await withAgents(rows), pagination }
    },

    /** @throws DomainError 404 when the caller may not know the account either */
    async get(actor: Actor, id: number): Promise<UserView> {
      if (id !== actor.id && !isStaff(actor.role)) throw notFound('User')
      const [view] = await withAgents(await db.select().from(users).where(eq(users.id, id)))
      if (view === undefined) throw notFound('User')
      return view
    },

    /**
     * Checks a new account and hashes its password, which is slow, and answers what makes it. Without a password
     * an invitation is mailed that sets it.
     * @throws DomainError 400; the answered function 409 for an address that has an account
     */
    async prepare(
      input: { email: string; role: string; password?: string | undefined } & PersonName,
    ): Promise<(outer?: Tx) => Promise<UserView>> {
      const role = requireRole(input.role)
      const names = splitName(input)
      if (input.password !== undefined) checkPassword(input.password, deps.passwords)
      const passwordHash = input.password === undefined ? null : await hashPassword(input.password)
      return async (outer) => {
        const createdAt = clock.now()
        const made = transact(
          deps,
          async (tx) => {
            const user = await insertUser(tx, { ...names, email: input.email, role, passwordHash, createdAt })
            if (passwordHash === null) await oweAccountMail(tx, user, 'invitation', createdAt)
            if (isAgentRole(role)) await oweDrain(tx)
            return { ...userView(user), ...(await findAgentViews(tx, [user.id])).get(user.id) }
          },
          outer,
        )
        return duplicateAsConflict(made)
      }
    },

    /** Changes an account as an admin; a change of role, password or activity ends its sessions. */
    async update(id: number, changes: UserChanges): Promise<UserView> {
      if (changes.password !== undefined) checkPassword(changes.password, deps.passwords)
      const passwordHash = changes.password === undefined ? undefined : await hashPassword(changes.password)
      await duplicateAsConflict(apply(id, changes, passwordHash))
      const [view] = await withAgents(await db.select().from(users).where(eq(users.id, id)))
      if (view === undefined) throw notFound('User')
      return view
    },

    /** Changes one's own name; the rest is an admin's. */
    async updateSelf(actor: Actor, changes: PersonName): Promise<UserView> {
      await apply(actor.id, changes)
      return this.get(actor, actor.id)
    },

    /** Deactivates: sessions end, assigned open tickets go back to assignment. */
    async deactivate(actor: Actor, id: number): Promise<void> {
      assertThat(id !== actor.id, forbidden('Nobody can deactivate their own account'))
      await apply(id, { is_active: false })
    },
  }
}

export type UserService = ReturnType<typeof createUserService>
