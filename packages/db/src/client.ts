import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { Database } from './executor.ts'
import * as schema from './schema/index.ts'

export type { Database, Executor, Tx } from './executor.ts'

export interface DatabaseOptions {
  /** Connections in the pool; default 10. */
  max?: number
  /** Shown in pg_stat_activity. */
  applicationName?: string
  /** Milliseconds after which the server gives up on a statement; default 30,000, 0 for no limit. */
  statementTimeoutMs?: number
}

/**
 * Opens a pool; connections are made when the first query asks for one.
 * Every session runs in UTC, `bigint` reads as a number, and a dead server fails a query within about 5 s
 * (`connect_timeout`) instead of hanging it.
 */
export function createDatabase(url: string, options: DatabaseOptions = {}): Database {
  const client = postgres(url, {
    max: options.max ?? 10,
    connect_timeout: 5,
    // A pool that never recycles keeps memory that a long-lived backend has grown.
    max_lifetime: 60 * 30,
    backoff: reconnectSeconds,
    onnotice: () => undefined,
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
    connection: {
      application_name: options.applicationName ?? 'servicedesk',
      TimeZone: 'UTC',
      statement_timeout: options.statementTimeoutMs ?? 30_000,
      idle_in_transaction_session_timeout: 60_000,
    },
  })
  return drizzle(surviveDeadSessions(client), { schema })
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

/**
 * When a session dies inside a transaction, postgres.js 3.4 still writes the ROLLBACK, to a socket that is gone, and
 * throws out of a timer: the process would die (porsager/postgres#1208). So such a failure never reaches it; its
 * own watch on the connection rejects the transaction instead.
 */
function surviveDeadSessions(client: postgres.Sql): postgres.Sql {
  const begin = client.begin.bind(client) as (work: (tx: unknown) => Promise<unknown>) => Promise<unknown>
  const survivingBegin = (work: (tx: unknown) => Promise<unknown>) =>
    begin(
      (tx) =>
        new Promise((resolve, reject) => {
          work(tx).then(resolve, (error: unknown) => {
            if (!isDeadSession(error)) reject(error)
          })
        }),
    )
  return Object.assign(client, { begin: survivingBegin })
}

/** True when the server ended the session or the connection broke; Drizzle's errors carry the driver's as cause. */
function isDeadSession(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, severity } = error as { code?: unknown; severity?: unknown }
  const isFatal = severity === 'FATAL' || severity === 'PANIC'
  return isFatal || (typeof code === 'string' && BROKEN.has(code)) || isDeadSession(error.cause)
}

const BROKEN: ReadonlySet<string> = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'ECONNRESET',
  'EPIPE',
])

/** Ends the pool: running queries get `timeoutSeconds` to finish. */
export async function closeDatabase(db: Database, timeoutSeconds = 5): Promise<void> {
  await db.$client.end({ timeout: timeoutSeconds })
}
