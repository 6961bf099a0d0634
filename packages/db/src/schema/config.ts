import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core'
import { id, ref } from './columns.ts'
import { roles, users } from './users.ts'

/** What a status means to the rules; its name and colour are the desk's own business. */
export const STATUS_CLASSES = ['new', 'open', 'pending', 'resolved', 'closed'] as const
export type StatusClass = (typeof STATUS_CLASSES)[number]

export const statuses = pgTable(
  'statuses',
  {
    id: id(),
    name: text('name').notNull().unique(),
    slug: text('slug').notNull().unique(),
    class: text('class').$type<StatusClass>().notNull(),
    description: text('description').notNull().default(''),
    color: text('color').notNull().default('#6b7280'),
    position: integer('position').notNull().default(0),
  },
  (t) => [
    unique('statuses_id_class_key').on(t.id, t.class),
    check('statuses_class', sql`${t.class} IN ('new', 'open', 'pending', 'resolved', 'closed')`),
  ],
)

export const priorities = pgTable(
  'priorities',
  {
    id: id(),
    name: text('name').notNull().unique(),
    slug: text('slug').notNull().unique(),
    /** 1 is the most urgent. */
    rank: integer('rank').notNull().unique(),
    colorCode: text('color_code').notNull(),
  },
  (t) => [check('priorities_rank', sql`${t.rank} > 0`)],
)

export const teams = pgTable(
  'teams',
  {
    id: id(),
    name: text('name').notNull().unique(),
    description: text('description').notNull().default(''),
    parentId: ref('parent_id').references((): AnyPgColumn => teams.id),
    supervisorId: ref('supervisor_id').references(() => users.id),
  },
  (t) => [
    index('teams_parent_idx').on(t.parentId),
    index('teams_supervisor_idx').on(t.supervisorId),
    check('teams_not_own_parent', sql`${t.parentId} <> ${t.id}`),
  ],
)

export const categories = pgTable(
  'categories',
  {
    id: id(),
    name: text('name').notNull().unique(),
    slug: text('slug').notNull().unique(),
    description: text('description').notNull().default(''),
    teamId: ref('team_id').references(() => teams.id),
  },
  (t) => [index('categories_team_idx').on(t.teamId)],
)

/** Which status may follow which. */
export const transitions = pgTable(
  'transitions',
  {
    id: id(),
    fromStatusId: ref('from_status_id')
      .notNull()
      .references(() => statuses.id),
    toStatusId: ref('to_status_id')
      .notNull()
      .references(() => statuses.id),
  },
  (t) => [
    unique('transitions_from_to_key').on(t.fromStatusId, t.toStatusId),
    index('transitions_to_idx').on(t.toStatusId),
    check('transitions_not_to_itself', sql`${t.fromStatusId} <> ${t.toStatusId}`),
  ],
)

/** The roles that may take a transition. */
export const transitionRoles = pgTable(
  'transition_roles',
  {
    transitionId: ref('transition_id')
      .notNull()
      .references(() => transitions.id, { onDelete: 'cascade' }),
    role: text('role')
      .notNull()
      .references(() => roles.name),
  },
  (t) => [primaryKey({ columns: [t.transitionId, t.role] }), index('transition_roles_role_idx').on(t.role)],
)

/** Settings of the desk that are no table of their own, one row a key. */
export const settings = pgTable('settings', {
  key: text('key').primaryKey(),
  value: jsonb('value').notNull(),
})
