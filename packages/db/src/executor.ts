import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import type { Sql } from 'postgres'
import type * as schema from './schema/index.ts'

type Schema = typeof schema

/** A database handle: every query it runs is a transaction of its own. */
export type Database = PostgresJsDatabase<Schema> & { $client: Sql }

/** An open transaction. */
export type Tx = Parameters<Parameters<Database['transaction']>[0]>[0]

/** Where a query runs. Data functions take it as their first argument and close over nothing. */
export type Executor = Database | Tx
