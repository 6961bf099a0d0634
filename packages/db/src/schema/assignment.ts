import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { id, instant, ref } from './columns.ts'
import { categories, teams } from './config.ts'
import { tickets } from './tickets.ts'
import { users } from './users.ts'

/** What assignment knows of a user with an agent's role. */
export const agents = pgTable(
  'agents',
  {
    userId: ref('user_id')
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    teamId: ref('team_id').references(() => teams.id),
    maxTickets: integer('max_tickets').notNull().default(10),
    isAvailable: boolean('is_available').notNull().default(true),
    outOfOfficeFrom: instant('out_of_office_from'),
    outOfOfficeTo: instant('out_of_office_to'),
    /** Assigned tickets of class new, open or pending; changed in the transaction that changes them. */
    activeTickets: integer('active_tickets').notNull().default(0),
    lastAssignedAt: instant('last_assigned_at'),
  },
  (t) => [
    index('agents_team_idx').on(t.teamId),
    check('agents_active_not_negative', sql`${t.activeTickets} >= 0`),
    check('agents_max_range', sql`${t.maxTickets} BETWEEN 0 AND 100000`),
    check('agents_out_of_office_order', sql`${t.outOfOfficeFrom} <= ${t.outOfOfficeTo}`),
  ],
)

export const agentSkills = pgTable(
  'agent_skills',
  {
    userId: ref('user_id')
      .notNull()
      .references(() => agents.userId, { onDelete: 'cascade' }),
    categoryId: ref('category_id')
      .notNull()
      .references(() => categories.id),
    level: smallint('level').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.categoryId] }),
    index('agent_skills_category_idx').on(t.categoryId),
    check('agent_skills_level', sql`${t.level} BETWEEN 1 AND 5`),
  ],
)

/** Who had a ticket, since when, and why they were chosen. */
export const assignments = pgTable(
  'assignments',
  {
    id: id(),
    ticketId: ref('ticket_id')
      .notNull()
      .references(() => tickets.id),
    agentId: ref('agent_id')
      .notNull()
      .references(() => users.id),
    /** Null when the engine chose. */
    assignedBy: ref('assigned_by').references(() => users.id),
    strategy: text('strategy').notNull(),
    score: doublePrecision('score'),
    parts: jsonb('parts').$type<Record<string, number | string | null>>().notNull(),
    reason: text('reason').notNull(),
    assignedAt: instant('assigned_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (t) => [
    uniqueIndex('assignments_current_key').on(t.ticketId).where(sql`${t.endedAt} IS NULL`),
    index('assignments_ticket_idx').on(t.ticketId),
    index('assignments_agent_idx').on(t.agentId),
    index('assignments_assigned_by_idx').on(t.assignedBy),
    check('assignments_strategy', sql`${t.strategy} IN ('workload', 'score', 'round_robin', 'manual')`),
  ],
)
