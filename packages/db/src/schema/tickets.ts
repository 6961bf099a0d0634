import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { attachments } from './attachments.ts'
import { instant, ref } from './columns.ts'
import { categories, priorities, type StatusClass, statuses, teams } from './config.ts'
import { messages } from './messages.ts'
import { users } from './users.ts'

export const tickets = pgTable(
  'tickets',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity({ startWith: 1001 }),
    title: text('title').notNull(),
    description: text('description').notNull(),
    statusId: ref('status_id').notNull(),
    /** A copy of the status's class, held equal by a foreign key: partial indexes need it here. */
    statusClass: text('status_class').$type<StatusClass>().notNull(),
    priorityId: ref('priority_id')
      .notNull()
      .references(() => priorities.id),
    categoryId: ref('category_id')
      .notNull()
      .references(() => categories.id),
    createdBy: ref('created_by')
      .notNull()
      .references(() => users.id),
    /** Who typed it in, when that was not the requester. */
    reportedBy: ref('reported_by').references(() => users.id),
    assignedTo: ref('assigned_to').references(() => users.id),
    teamId: ref('team_id').references(() => teams.id),
    escalationLevel: integer('escalation_level').notNull().default(0),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    firstResponseAt: instant('first_response_at'),
    resolvedAt: instant('resolved_at'),
    closedAt: instant('closed_at'),
    /** Why it waits for an agent, once assignment has looked and found nobody. */
    waitingReason: text('waiting_reason'),
    /** The agent that the next automatic assignment passes over. */
    passedOver: ref('passed_over').references(() => users.id),
    /** The ETag: moves with every change of what the API shows. */
    version: integer('version').notNull().default(1),
    /** The highest `seq` and `public_seq` given to an event of this ticket. */
    eventSeq: integer('event_seq').notNull().default(0),
    publicSeq: integer('public_seq').notNull().default(0),
    deletedAt: instant('deleted_at'),
  },
  (t) => [
    foreignKey({
      name: 'tickets_status_fk',
      columns: [t.statusId, t.statusClass],
      foreignColumns: [statuses.id, statuses.class],
    }).onUpdate('cascade'),
    index('tickets_created_idx')
      .on(t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst())
      .where(sql`${t.deletedAt} IS NULL`),
    index('tickets_updated_idx')
      .on(t.updatedAt.desc().nullsFirst(), t.id.desc().nullsFirst())
      .where(sql`${t.deletedAt} IS NULL`),
    // What was deleted just now, for nodes that hear of nothing.
    index('tickets_deleted_idx').on(t.deletedAt).where(sql`${t.deletedAt} IS NOT NULL`),
    // One filter and its list in order; several values are merged (list-branches.ts).
    index('tickets_status_idx').on(t.statusId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    index('tickets_priority_idx').on(t.priorityId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    index('tickets_category_idx').on(t.categoryId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    index('tickets_created_by_idx').on(
      t.createdBy,
      t.createdAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
    index('tickets_reported_by_idx').on(t.reportedBy),
    index('tickets_assigned_to_idx').on(
      t.assignedTo,
      t.createdAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
    index('tickets_team_idx').on(t.teamId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    // The list by urgency: priorities in order of rank, each by id.
    index('tickets_urgency_idx').on(t.priorityId, t.id),
    // What an agent has to do: the counter of active tickets is checked against it.
    index('tickets_active_idx')
      .on(t.assignedTo, t.statusClass)
      .where(
        sql`${t.assignedTo} IS NOT NULL AND ${t.deletedAt} IS NULL AND ${t.statusClass} IN ('new', 'open', 'pending')`,
      ),
    index('tickets_passed_over_idx').on(t.passedOver).where(sql`${t.passedOver} IS NOT NULL`),
    // In the order in which they are assigned: the priorities in that of their rank.
    index('tickets_waiting_idx')
      .on(t.priorityId, t.createdAt, t.id)
      .where(
        sql`${t.assignedTo} IS NULL AND ${t.deletedAt} IS NULL AND ${t.statusClass} IN ('new', 'open', 'pending')`,
      ),
    // Whatever is open, oldest first, with what figures ask of it: they need not read the tickets.
    index('tickets_open_idx')
      .on(t.createdAt, t.id, t.statusId, t.priorityId, t.assignedTo)
      .where(sql`${t.deletedAt} IS NULL AND ${t.statusClass} IN ('new', 'open', 'pending')`),
    index('tickets_settled_idx')
      .on(sql`coalesce(${t.resolvedAt}, ${t.closedAt}, ${t.createdAt})`)
      .where(sql`${t.deletedAt} IS NULL AND ${t.statusClass} IN ('resolved', 'closed')`),
    check('tickets_title_length', sql`char_length(${t.title}) BETWEEN 3 AND 200`),
    check('tickets_description_length', sql`char_length(${t.description}) BETWEEN 10 AND 20000`),
    check('tickets_escalation_level', sql`${t.escalationLevel} >= 0`),
    check('tickets_closed_has_instant', sql`${t.statusClass} <> 'closed' OR ${t.closedAt} IS NOT NULL`),
  ],
)

/** The ordered log of everything that happened to a ticket; timeline, activities and replay are views of it. */
export const ticketEvents = pgTable(
  'ticket_events',
  {
    ticketId: ref('ticket_id')
      .notNull()
      .references(() => tickets.id),
    /** Gapless in its ticket, from 1. */
    seq: integer('seq').notNull(),
    /** Gapless among what requesters may see; null for what they may not. */
    publicSeq: integer('public_seq'),
    type: text('type').notNull(),
    /** Null when the desk itself acted. */
    actorId: ref('actor_id').references(() => users.id),
    data: jsonb('data').$type<Record<string, unknown>>().notNull(),
    messageId: ref('message_id').references(() => messages.id),
    attachmentId: uuid('attachment_id').references(() => attachments.id),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.ticketId, t.seq] }),
    uniqueIndex('ticket_events_public_seq_key')
      .on(t.ticketId, t.publicSeq)
      .where(sql`${t.publicSeq} IS NOT NULL`),
    index('ticket_events_actor_idx').on(t.actorId),
    index('ticket_events_message_idx').on(t.messageId).where(sql`${t.messageId} IS NOT NULL`),
    index('ticket_events_attachment_idx').on(t.attachmentId).where(sql`${t.attachmentId} IS NOT NULL`),
    // When tickets were settled and reopened.
    index('ticket_events_settling_idx')
      .on(t.createdAt)
      .where(
        sql`${t.type} = 'status_changed'
          AND (${t.data} ->> 'from_class' IN ('new', 'open', 'pending')) <> (${t.data} ->> 'to_class' IN ('new', 'open', 'pending'))`,
      ),
    check('ticket_events_seq', sql`${t.seq} > 0 AND ${t.publicSeq} > 0`),
  ],
)

export const ticketWatchers = pgTable(
  'ticket_watchers',
  {
    ticketId: ref('ticket_id')
      .notNull()
      .references(() => tickets.id),
    userId: ref('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.ticketId, t.userId] }), index('ticket_watchers_user_idx').on(t.userId)],
)
