import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
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
    /** Tells of what only staff may know. */
    isInternal: boolean('is_internal').notNull().default(false),
    createdAt: instant('created_at').notNull(),
    /** Alerts of one person with the same key are one alert, counted, for as long as it is unread. */
    groupKey: text('group_key'),
    /** How many alerts of the group this one stands for. */
    occurrences: integer('occurrences').notNull().default(1),
  },
  (t) => [
    index('alerts_user_idx').on(t.userId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    index('alerts_unread_idx')
      .on(t.userId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst())
      .where(sql`NOT ${t.isRead}`),
    index('alerts_ticket_idx').on(t.ticketId),
    uniqueIndex('alerts_group_key')
      .on(t.userId, t.groupKey)
      .where(sql`NOT ${t.isRead} AND ${t.groupKey} IS NOT NULL`),
    index('alerts_read_created_idx').on(t.createdAt).where(sql`${t.isRead}`),
    check('alerts_type', sql.raw(`alert_type IN (${ALERT_TYPES.map((type) => `'${type}'`).join(', ')})`)),
  ],
)

/** A person's departures from the default of alert and mail, per type; null is the default. */
export const notificationPreferences = pgTable(
  'notification_preferences',
  {
    userId: ref('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    alertType: text('alert_type').$type<AlertType>().notNull(),
    inApp: boolean('in_app'),
    email: boolean('email'),
  },
  (t) => [primaryKey({ columns: [t.userId, t.alertType] })],
)

/** `discarded`: not sent, because a later mail had said more or its recipient may not get it; nothing is owed. */
export const DELIVERY_STATUSES = ['queued', 'sending', 'sent', 'failed', 'discarded'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** One of the things that a grouped mail tells. */
export interface DeliveryItem {
  template: string
  event_seq: number | null
  /** ISO 8601 */
  at: string
  params: Record<string, unknown>
}

/** A mail that is owed or was sent; the job carries only its id, so no address or token is ever in Redis. */
export const emailDeliveries = pgTable(
  'email_deliveries',
  {
    id: uuid('id').primaryKey(),
    template: text('template').notNull(),
    userId: ref('user_id').references(() => users.id, { onDelete: 'cascade' }),
    toEmail: text('to_email').notNull(),
    ticketId: ref('ticket_id').references(() => tickets.id),
    /** The `seq` of the ticket's event that it tells of, of a grouped mail the first. */
    eventSeq: integer('event_seq'),
    params: jsonb('params').$type<Record<string, unknown>>().notNull(),
    /** What a grouped mail tells, oldest first; null for one that tells a single thing by its `params`. */
    items: jsonb('items').$type<DeliveryItem[]>(),
    /** Older things that are counted and no longer among the items. */
    earlierItems: integer('earlier_items').notNull().default(0),
    /** What follows for the same person and ticket joins it, until it is claimed for sending. */
    isOpen: boolean('is_open').notNull().default(false),
    status: text('status').$type<DeliveryStatus>().notNull(),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
    createdAt: instant('created_at').notNull(),
    sendingAt: instant('sending_at'),
    /** The delivery whose job sends it: its own, or that of a later one which it goes before. */
    claimedBy: uuid('claimed_by'),
    sentAt: instant('sent_at'),
  },
  (t) => [
    index('email_deliveries_user_idx').on(t.userId),
    index('email_deliveries_ticket_idx').on(t.ticketId),
    index('email_deliveries_owed_idx').on(t.createdAt).where(sql`${t.status} IN ('queued', 'sending')`),
    index('email_deliveries_unsent_idx')
      .on(t.id.desc().nullsFirst())
      .where(sql`${t.status} IN ('failed', 'discarded')`),
    uniqueIndex('email_deliveries_open_key').on(t.ticketId, t.userId).where(sql`${t.isOpen}`),
    check('email_deliveries_open_is_queued', sql`NOT ${t.isOpen} OR ${t.status} = 'queued'`),
    check(
      'email_deliveries_status',
      sql.raw(`status IN (${DELIVERY_STATUSES.map((status) => `'${status}'`).join(', ')})`),
    ),
    check('email_deliveries_sent_has_instant', sql`${t.status} <> 'sent' OR ${t.sentAt} IS NOT NULL`),
  ],
)
