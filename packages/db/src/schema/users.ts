import { sql } from 'drizzle-orm'
import { boolean, check, index, jsonb, pgTable, smallint, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { id, instant } from './columns.ts'

/** The four fixed roles; `name` is the value that users and the API carry. */
export const roles = pgTable('roles', {
  name: text('name').primaryKey(),
  id: smallint('id').notNull().unique(),
  description: text('description').notNull(),
  permissions: jsonb('permissions').$type<string[]>().notNull(),
})

export const users = pgTable(
  'users',
  {
    id: id(),
    email: text('email').notNull(),
    name: text('name').notNull(),
    firstName: text('first_name').notNull(),
    lastName: text('last_name').notNull(),
    /** argon2id; null until an invitation is accepted. */
    passwordHash: text('password_hash'),
    role: text('role')
      .notNull()
      .references(() => roles.name),
    isActive: boolean('is_active').notNull().default(true),
    isVerified: boolean('is_verified').notNull().default(false),
    createdAt: instant('created_at').notNull(),
    lastLoginAt: instant('last_login_at'),
  },
  (t) => [
    uniqueIndex('users_email_key').on(sql`lower(${t.email})`),
    index('users_role_idx').on(t.role),
    check('users_email_shape', sql`${t.email} LIKE '_%@_%'`),
  ],
)
