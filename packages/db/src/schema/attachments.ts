import { sql } from 'drizzle-orm'
import { type AnyPgColumn, bigint, check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { instant, ref } from './columns.ts'
import { messages } from './messages.ts'
import { tickets } from './tickets.ts'
import { users } from './users.ts'

export type FileStatus = 'scanning' | 'ready' | 'infected' | 'failed'
export type ThumbnailState = 'none' | 'pending' | 'ready' | 'failed'

/** A stored file; its bytes are in the store under `storage_key`. */
export const attachments = pgTable(
  'attachments',
  {
    id: uuid('id').primaryKey(),
    ticketId: ref('ticket_id')
      .notNull()
      .references((): AnyPgColumn => tickets.id),
    messageId: ref('message_id').references((): AnyPgColumn => messages.id),
    uploadedBy: ref('uploaded_by')
      .notNull()
      .references(() => users.id),
    filename: text('filename').notNull(),
    extension: text('extension').notNull(),
    mimeType: text('mime_type').notNull(),
    category: text('category').notNull(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
    sha256: text('sha256').notNull(),
    /** The name of the store that has its bytes, which may not be the one that new files go to. */
    store: text('store').notNull().default('local'),
    storageKey: text('storage_key').notNull().unique(),
    status: text('status').$type<FileStatus>().notNull(),
    thumbnail: text('thumbnail').$type<ThumbnailState>().notNull(),
    width: integer('width'),
    height: integer('height'),
    createdAt: instant('created_at').notNull(),
    deletedAt: instant('deleted_at'),
    /** Since when the store holds nothing of it. */
    purgedAt: instant('purged_at'),
  },
  (t) => [
    index('attachments_ticket_idx').on(t.ticketId, t.createdAt.desc().nullsFirst()),
    index('attachments_message_idx').on(t.messageId).where(sql`${t.messageId} IS NOT NULL`),
    index('attachments_uploaded_by_idx').on(t.uploadedBy),
    index('attachments_owed_idx')
      .on(t.createdAt)
      .where(sql`${t.status} = 'scanning' OR ${t.thumbnail} = 'pending'`),
    index('attachments_purge_idx')
      .on(t.deletedAt)
      .where(sql`${t.deletedAt} IS NOT NULL AND ${t.purgedAt} IS NULL`),
    check('attachments_status', sql`${t.status} IN ('scanning', 'ready', 'infected', 'failed')`),
    check('attachments_thumbnail', sql`${t.thumbnail} IN ('none', 'pending', 'ready', 'failed')`),
    check('attachments_bytes', sql`${t.bytes} > 0`),
  ],
)

/** What an insert of an attachment says. */
export type AttachmentFields = typeof attachments.$inferInsert
