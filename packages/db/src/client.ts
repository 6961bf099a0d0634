import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { surviveDeadSessions } from './dead-sessions.ts'
import type { Database } from './executor.ts'
import { countUse } from './pool-use.ts'
import * as schema from './schema/index.ts'

export type { Database, Executor, Tx } from './executor.ts'
export { type PoolUse, poolUse } from './pool-use.ts'

export interface DatabaseOptions {
  /** Connections in the pool; default 10. */
  max?: number
  /** Shown in pg_stat_activity. */
  applicationName?: string
  /** Milliseconds after which the server gives up on a statement; default 30,000, 0 for no limit. */
  statementTimeoutMs?: number
  /** Sessions refuse to write: for a replica, or what stands in for one. */
  isReadOnly?: boolean
}

/**
 * Opens a pool; connections are made when the first query asks for one.
 * Every session runs in UTC and writes dates as ISO 8601 does, `bigint` reads as a number, and a dead server fails a query within about 5 s
 * (`connect_timeout`) instead of hanging it.
 */
export function createDatabase(url: string, options: DatabaseOptions = {}): Database {
  const client = postgres(url, {
    max: options.max ?? 10,
    connect_timeout: 5,
    // A pool that never recycles keeps memory that a long-lived backend has grown.
    max_lifetime: 60 * 30,
    backoff: reconnectSeconds,
    // postgres.js would ask every new connection for the types of arrays, and when that connection breaks meanwhile
    // nobody handles the rejection: the process would die. No column is an array.
    fetch_types: false,
    onnotice: () => undefined,
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
    connection: {
      application_name: options.applicationName ?? 'servicedesk',
      TimeZone: 'UTC',
      // Instants become text on both sides; a server may have been told of another notation.
      DateStyle: 'ISO, MDY',
      statement_timeout: options.statementTimeoutMs ?? 30_000,
      idle_in_transaction_session_timeout: 60_000,
      ...(options.isReadOnly ? { default_transaction_read_only: true } : {}),
    },
  })
  return drizzle(countUse(surviveDeadSessions(client)), { schema })
}

/**
 * How long a connection that failed waits before its next try. postgres.js counts the failures of all connections of a
 * pool together and by default waits up to 20 s: a cut of a second would mean half a minute without a database.
 */
function reconnectSeconds(failures: number): number {
  return (0.5 + Math.random() / 2) * Math.min(0.02 * 2 ** failures, 1)
}

/**
 * A database over one session of its own, for what belongs to a session, such as an advisory lock; closing it ends
 * both. Unlike a connection that postgres.js reserves, it outlives the death of its session: the next query gets
 * a new one.
 */
export async function withSession<R>(db: Database, work: (session: Database) => Promise<R>): Promise<R> {
  // What postgres.js itself does where it needs a connection apart (`listen`): parsed options are options.
  const options = db.$client.options as unknown as postgres.Options<Record<string, never>>
  const session: Database = drizzle(surviveDeadSessions(postgres({ ...options, max: 1 })), { schema })
  try {
    return await work(session)
  } finally {
    await closeDatabase(session)
  }
}

/** Ends the pool: running queries get `timeoutSeconds` to finish. */
export async function closeDatabase(db: Database, timeoutSeconds = 5): Promise<void> {
  await db.$client.end({ timeout: timeoutSeconds })
}
