import { bigint, customType, timestamp } from 'drizzle-orm/pg-core'

/** A `bigint` identity column that reads as a JavaScript number (ids stay far below 2^53). */
export const id = () => bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity()

/** A foreign key column to a table whose id is made by {@link id}. */
export const ref = (name: string) => bigint(name, { mode: 'number' })

/** An instant with microseconds in PostgreSQL and milliseconds in JavaScript. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })

/** PostgreSQL's full text document; written by the database only. */
export const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })
