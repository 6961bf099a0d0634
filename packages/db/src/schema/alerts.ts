import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { id, instant, ref } from './columns.ts'
import { tickets } from './tickets.ts'
import { users } from './users.ts'

export const ALERT_TYPES = [
  'ticket_created',
  'assignment',
  'status_change',
  'new_message',
  'mention',
  'sla_warning',
  'sla_violation',
  'escalation',
  'file_rejected',
  'system',
] as const
export type AlertType = (typeof ALERT_TYPES)[number]

export const alerts = pgTable(
  'alerts',
  {
    id: id(),
    userId: ref('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    ticketId: ref('ticket_id').references(() => tickets.id),
    alertType: text('alert_type').$type<AlertType>().notNull(),
    title: text('title').notNull(),
    message: text('message').notNull(),
    isRead: boolean('is_read').notNull().default(false),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    index('alerts_user_idx').on(t.userId, t.id.desc().nullsFirst()),
    index('alerts_unread_idx').on(t.userId, t.id.desc().nullsFirst()).where(sql`NOT ${t.isRead}`),
    index('alerts_ticket_idx').on(t.ticketId),
    check('alerts_type', sql.raw(`alert_type IN (${ALERT_TYPES.map((type) => `'${type}'`).join(', ')})`)),
  ],
)

/** A person's departures from the default of alert and mail, per type. */
export const notificationPreferences = pgTable(
  'notification_preferences',
  {
    userId: ref('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    alertType: text('alert_type').$type<AlertType>().notNull(),
    inApp: boolean('in_app').notNull(),
    email: boolean('email').notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.alertType] })],
)

export type DeliveryStatus = 'queued' | 'sending' | 'sent' | 'failed'

/** A mail that is owed or was sent; the job carries only its id, so no address or token is ever in Redis. */
export const emailDeliveries = pgTable(
  'email_deliveries',
  {
    id: uuid('id').primaryKey(),
    template: text('template').notNull(),
    userId: ref('user_id').references(() => users.id, { onDelete: 'cascade' }),
    toEmail: text('to_email').notNull(),
    ticketId: ref('ticket_id').references(() => tickets.id),
    params: jsonb('params').$type<Record<string, unknown>>().notNull(),
    status: text('status').$type<DeliveryStatus>().notNull(),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
    createdAt: instant('created_at').notNull(),
    sendingAt: instant('sending_at'),
    sentAt: instant('sent_at'),
  },
  (t) => [
    index('email_deliveries_user_idx').on(t.userId),
    index('email_deliveries_ticket_idx').on(t.ticketId),
    index('email_deliveries_owed_idx').on(t.createdAt).where(sql`${t.status} IN ('queued', 'sending')`),
    check('email_deliveries_status', sql`${t.status} IN ('queued', 'sending', 'sent', 'failed')`),
    check('email_deliveries_sent_has_instant', sql`${t.status} <> 'sent' OR ${t.sentAt} IS NOT NULL`),
  ],
)
