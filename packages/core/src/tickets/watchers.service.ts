import { type Executor, type Tx, ticketWatchers, users } from '@servicedesk/db'
import { and, asc, eq } from 'drizzle-orm'
import { isStaff } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { assertThat, forbidden, invalid } from '../shared/errors.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { appendEvents } from './events.ts'
import { lockForChange } from './lock-for-change.ts'
import type { TicketService } from './tickets.service.ts'

/** Somebody who follows a ticket. */
export interface Watcher {
  user_id: number
  name: string
  /** For staff only. */
  email?: string
  since: string
}

/**
 * Who follows a ticket, and so sees it and is told of what happens. Staff add and remove anybody; requesters only
 * themselves, on tickets that they see. Where somebody is one already, or is none, nothing changes.
 */
export function createWatcherService(deps: ServiceDeps & { tickets: Pick<TicketService, 'get'> }) {
  const { db, clock } = deps

  async function change(
    actor: Actor,
    ticketId: number,
    userId: number,
    use: (tx: Tx, now: Date) => Promise<'watcher_added' | 'watcher_removed' | null>,
    outer?: Tx,
  ): Promise<{ watchers: Watcher[]; hasChanged: boolean }> {
    return transact(
      deps,
      async (tx) => {
        await lockForChange(tx, actor, ticketId)
        assertThat(
          isStaff(actor.role) || userId === actor.id,
          forbidden('You may add and remove only yourself'),
        )
        const now = clock.now()
        const type = await use(tx, now)
        if (type !== null) await record(tx, { ticketId, type, actorId: actor.id, at: now }, userId)
        return { watchers: await watchersOf(tx, actor, ticketId), hasChanged: type !== null }
      },
      outer,
    )
  }

  return {
    /** The watchers, longest first. @throws DomainError 404 */
    async list(actor: Actor, ticketId: number): Promise<Watcher[]> {
      await deps.tickets.get(actor, ticketId)
      return watchersOf(db, actor, ticketId)
    },

    /** @throws DomainError 404; 403 for another by a requester; 400 for who is no active user; 409 for a deleted ticket */
    async add(actor: Actor, ticketId: number, userId: number, outer?: Tx) {
      return change(
        actor,
        ticketId,
        userId,
        async (tx, now) => {
          const [user] = await tx.select({ isActive: users.isActive }).from(users).where(eq(users.id, userId))
          assertThat(user?.isActive, invalid('user_id', 'is not an active user'))
          const added = await tx
            .insert(ticketWatchers)
            .values({ ticketId, userId, createdAt: now })
            .onConflictDoNothing()
            .returning()
          return added.length > 0 ? 'watcher_added' : null
        },
        outer,
      )
    },

    /** @throws DomainError 404, 403 for another by a requester, 409 for a deleted ticket */
    async remove(actor: Actor, ticketId: number, userId: number) {
      return change(actor, ticketId, userId, async (tx) => {
        const removed = await tx
          .delete(ticketWatchers)
          .where(and(eq(ticketWatchers.ticketId, ticketId), eq(ticketWatchers.userId, userId)))
          .returning()
        return removed.length > 0 ? 'watcher_removed' : null
      })
    },
  }
}

/** Public, as the list of watchers is: whoever reads a ticket may know who else does. */
async function record(
  tx: Tx,
  event: { ticketId: number; type: 'watcher_added' | 'watcher_removed'; actorId: number; at: Date },
  userId: number,
): Promise<void> {
  const [user] = await tx.select({ name: users.name }).from(users).where(eq(users.id, userId))
  if (user === undefined) throw new Error(`user ${userId} is gone`)
  await appendEvents(tx, [{ ...event, data: { user_id: userId, user_name: user.name } }])
}

async function watchersOf(db: Executor, actor: Actor, ticketId: number): Promise<Watcher[]> {
  const rows = await db
    .select({ id: users.id, name: users.name, email: users.email, since: ticketWatchers.createdAt })
    .from(ticketWatchers)
    .innerJoin(users, eq(users.id, ticketWatchers.userId))
    .where(eq(ticketWatchers.ticketId, ticketId))
    .orderBy(asc(ticketWatchers.createdAt), asc(users.id))
  return rows.map(({ id, name, email, since }) => ({
    user_id: id,
    name,
    ...(isStaff(actor.role) ? { email } : {}),
    since: since.toISOString(),
  }))
}

export type WatcherService = ReturnType<typeof createWatcherService>
