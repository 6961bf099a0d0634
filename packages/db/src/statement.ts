import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Database, Executor } from './executor.ts'

export type Row = Record<string, unknown>

const dialect = new PgDialect()

/** One SQL text, compiled once, that the server prepares once a connection. */
export interface Statement<Params extends Row, Result extends Row> {
  run(db: Executor, params: Params): Promise<Result[]>
}

/**
 * Makes a named, prepared statement of a template whose values are `sql.placeholder(name)`.
 * Unlike a prepared Drizzle query it keeps no client: it runs on whichever database or transaction it is
 * given, so it cannot escape a transaction. Rows come as the driver parses them: numbers, strings, booleans,
 * parsed JSON; instants as text, to be read with {@link toDate}.
 */
export function defineStatement<Params extends Row, Result extends Row>(
  name: string,
  template: SQL,
): Statement<Params, Result> {
  let compiled: ReturnType<PgDialect['sqlToQuery']> | undefined
  return {
    async run(db, params) {
      compiled ??= dialect.sqlToQuery(template)
      const query = db._.session.prepareQuery(compiled, undefined, name, false)
      return (await query.execute(params)) as Result[]
    },
  }
}

/**
 * Runs a statement that the server prepares once a connection: for those whose text is the same every time, and whose plan
 * does not depend on their values. Rows as of {@link Statement}.
 */
export async function runPrepared<Result extends Row>(db: Executor, query: SQL): Promise<Result[]> {
  const compiled = dialect.sqlToQuery(query)
  return (await db._.session.prepareQuery(compiled, undefined, 'prepared', false).execute()) as Result[]
}

/** Reads an instant as {@link Statement} rows and `db.execute` return it. */
export function toDate(text: string): Date
export function toDate(text: string | null): Date | null
export function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}

/** As PostgreSQL writes an instant in UTC: `2026-11-29 06:52:05.123456+00`, with a fraction or without. */
const IN_UTC = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?\+00$/
const [DATE_END, SECONDS_END, ZONE_LENGTH] = [10, 19, 3]

/**
 * An instant as {@link Statement} rows and `db.execute` return it, in ISO 8601 to the millisecond. What PostgreSQL writes is put
 * together anew, which takes a tenth of the time that a `Date` does; a page of a list has some two hundred.
 */
export function toIso(text: string): string {
  if (!IN_UTC.test(text)) return toDate(text).toISOString()
  const fraction = text
    .slice(SECONDS_END + 1, -ZONE_LENGTH)
    .slice(0, 3)
    .padEnd(3, '0')
  return `${text.slice(0, DATE_END)}T${text.slice(DATE_END + 1, SECONDS_END)}.${fraction}Z`
}

const preparedReads = new WeakMap<Database, Map<string, unknown>>()

/**
 * A prepared Drizzle read, built once per database handle and `key`. It stays bound to that handle and would
 * ignore a transaction, which is why a `Tx` is refused by the type.
 */
export function preparedRead<Query>(
  db: Database,
  key: string,
  build: (db: Database, name: string) => Query,
): Query {
  let queries = preparedReads.get(db)
  if (queries === undefined) {
    queries = new Map()
    preparedReads.set(db, queries)
  }
  let query = queries.get(key) as Query | undefined
  if (query === undefined) {
    query = build(db, key)
    queries.set(key, query)
  }
  return query
}
