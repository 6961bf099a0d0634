import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { id, instant, ref } from './columns.ts'
import { users } from './users.ts'

/** The stored answer of a creating POST, written in the transaction that creates. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    userId: ref('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    route: text('route').notNull(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    status: smallint('status').notNull(),
    headers: jsonb('headers').$type<Record<string, string>>().notNull(),
    body: jsonb('body').$type<unknown>().notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.route, t.key] }),
    index('idempotency_keys_created_idx').on(t.createdAt),
  ],
)

export const EXPORT_STATUSES = ['queued', 'running', 'ready', 'failed'] as const
export type ExportStatus = (typeof EXPORT_STATUSES)[number]

/** A file of tickets that somebody asked for; its bytes are in the store under `storage_key` until it expires. */
export const exports = pgTable(
  'exports',
  {
    id: uuid('id').primaryKey(),
    requestedBy: ref('requested_by')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** As they were asked for: names, and "me". */
    filters: jsonb('filters').$type<Record<string, unknown>>().notNull(),
    status: text('status').$type<ExportStatus>().notNull(),
    progress: smallint('progress').notNull().default(0),
    rows: integer('rows'),
    bytes: bigint('bytes', { mode: 'number' }),
    /** Why it failed. */
    reason: text('reason'),
    store: text('store'),
    storageKey: text('storage_key'),
    createdAt: instant('created_at').notNull(),
    finishedAt: instant('finished_at'),
    /** When the row and its bytes go; set once it is over, in whatever way. */
    expiresAt: instant('expires_at'),
  },
  (t) => [
    index('exports_requested_by_idx').on(t.requestedBy, t.id.desc().nullsFirst()),
    index('exports_expires_idx').on(t.expiresAt).where(sql`${t.expiresAt} IS NOT NULL`),
    uniqueIndex('exports_storage_key').on(t.storageKey).where(sql`${t.storageKey} IS NOT NULL`),
    check(
      'exports_status',
      sql.raw(`status IN (${EXPORT_STATUSES.map((status) => `'${status}'`).join(', ')})`),
    ),
    check(
      'exports_ready_has_file',
      sql`${t.status} <> 'ready' OR (${t.storageKey} IS NOT NULL AND ${t.store} IS NOT NULL AND ${t.rows} IS NOT NULL
        AND ${t.bytes} IS NOT NULL AND ${t.expiresAt} IS NOT NULL)`,
    ),
    check('exports_progress', sql`${t.progress} BETWEEN 0 AND 100`),
  ],
)

/** Who changed users or configuration, and what. */
export const auditLog = pgTable(
  'audit_log',
  {
    id: id(),
    actorId: ref('actor_id').references(() => users.id, { onDelete: 'set null' }),
    action: text('action').notNull(),
    entity: text('entity').notNull(),
    entityId: text('entity_id'),
    data: jsonb('data').$type<Record<string, unknown>>().notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    index('audit_log_actor_idx').on(t.actorId),
    index('audit_log_created_idx').on(t.createdAt.desc().nullsFirst()),
    index('audit_log_entity_idx').on(t.entity, t.entityId),
  ],
)
