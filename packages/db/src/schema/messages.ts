import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  boolean,
  check,
  foreignKey,
  index,
  pgTable,
  text,
  unique,
} from 'drizzle-orm/pg-core'
import { id, instant, ref } from './columns.ts'
import { tickets } from './tickets.ts'
import { users } from './users.ts'

/** What people said on a ticket; comments and messages are both this. */
export const messages = pgTable(
  'messages',
  {
    id: id(),
    ticketId: ref('ticket_id')
      .notNull()
      .references((): AnyPgColumn => tickets.id),
    senderId: ref('sender_id')
      .notNull()
      .references(() => users.id),
    body: text('body').notNull(),
    isInternal: boolean('is_internal').notNull().default(false),
    replyTo: ref('reply_to'),
    imageUrl: text('image_url'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    unique('messages_ticket_id_key').on(t.ticketId, t.id),
    // A reply stays inside its ticket: the key carries the ticket along.
    foreignKey({
      name: 'messages_reply_fk',
      columns: [t.ticketId, t.replyTo],
      foreignColumns: [t.ticketId, t.id],
    }),
    index('messages_reply_idx').on(t.ticketId, t.replyTo).where(sql`${t.replyTo} IS NOT NULL`),
    index('messages_sender_idx').on(t.senderId),
    check('messages_body_length', sql`char_length(${t.body}) BETWEEN 1 AND 20000`),
  ],
)
