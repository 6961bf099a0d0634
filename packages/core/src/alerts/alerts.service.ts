import { alerts, type Database } from '@servicedesk/db'
import { and, count, desc, eq } from 'drizzle-orm'
import type { Actor } from '../shared/actor.ts'
import { notFound } from '../shared/errors.ts'
import { ticketRef } from '../tickets/ticket-id.ts'
import { readableBy } from './readable.ts'

/** An alert as the API shows it. */
export function alertView(row: typeof alerts.$inferSelect) {
  return {
    id: row.id,
    title: row.title,
    message: row.message,
    alert_type: row.alertType,
    is_read: row.isRead,
    created_at: row.createdAt.toISOString(),
    ticket_id: row.ticketId === null ? null : ticketRef(row.ticketId),
  }
}

/** A person's own alerts, as far as they may know of them now; another's are not known to exist. */
export function createAlertService(deps: { db: Database }) {
  const { db } = deps

  function own(actor: Actor, user: 'me' | number): number {
    if (user !== 'me' && user !== actor.id) throw notFound('User')
    return actor.id
  }

  return {
    /** Newest first. @throws DomainError 404 for anybody else's */
    async list(actor: Actor, user: 'me' | number, options: { limit: number; unreadOnly: boolean }) {
      const userId = own(actor, user)
      const rows = await db
        .select()
        .from(alerts)
        .where(
          and(
            eq(alerts.userId, userId),
            options.unreadOnly ? eq(alerts.isRead, false) : undefined,
            readableBy(actor),
          ),
        )
        .orderBy(desc(alerts.createdAt), desc(alerts.id))
        .limit(options.limit)
      return rows.map(alertView)
    },

    async countUnread(actor: Actor, user: 'me' | number): Promise<number> {
      const [row] = await db
        .select({ unread: count() })
        .from(alerts)
        .where(and(eq(alerts.userId, own(actor, user)), eq(alerts.isRead, false), readableBy(actor)))
      return row?.unread ?? 0
    },

    async markRead(actor: Actor, alertId: number): Promise<void> {
      const rows = await db
        .update(alerts)
        .set({ isRead: true })
        .where(and(eq(alerts.id, alertId), eq(alerts.userId, actor.id)))
        .returning({ id: alerts.id })
      if (rows.length === 0) throw notFound('Alert')
    },

    /** @returns how many were unread */
    async markAllRead(actor: Actor, user: 'me' | number): Promise<number> {
      const rows = await db
        .update(alerts)
        .set({ isRead: true })
        .where(and(eq(alerts.userId, own(actor, user)), eq(alerts.isRead, false)))
        .returning({ id: alerts.id })
      return rows.length
    },
  }
}

export type AlertService = ReturnType<typeof createAlertService>
