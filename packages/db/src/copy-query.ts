import { Readable } from 'node:stream'
import { fillPlaceholders, type SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type postgres from 'postgres'
import type { Row } from './statement.ts'

/** A `COPY … TO STDOUT` under way. */
export interface CopyQuery {
  /** What the server sends; an error of it never goes unheard. */
  opened: Promise<Readable>
  /** Resolves when the server is done, in whatever way: with the error, or with undefined when all of it was sent. */
  settled: Promise<unknown>
  isSettled(): boolean
  /** Asks the server, over a connection of its own, to stop. */
  cancel(): Promise<void>
}

/** A query, with the members by which postgres.js 3.4 settles and cancels it. */
interface PendingQuery {
  readable(): Promise<Readable>
  cancel(): Promise<void> | undefined
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
  active: boolean
}

/**
 * COPY takes no parameters, so the server makes literals of a query's values.
 * @returns the query's text
 */
export async function withLiterals(client: postgres.Sql, query: SQL, values: Row): Promise<string> {
  const compiled = new PgDialect().sqlToQuery(query)
  const texts = fillPlaceholders(compiled.params, values).map((value) =>
    value === null || value === undefined ? null : String(value),
  )
  const template = compiled.sql.replaceAll('%', '%%').replace(/\$(\d+)/g, '%$1$$L')
  const places = texts.map((_, n) => `, $${n + 2}::text`).join('')
  const [row] = await client.unsafe<{ text: string }[]>(`SELECT format($1::text${places}) AS text`, [
    template,
    ...texts,
  ])
  return row?.text ?? ''
}

/**
 * Sends the statement. postgres.js settles such a query twice: when the output begins, and when the server is done. Waiting
 * for the second tells an output that is whole from one whose session died.
 */
export function startCopy(client: postgres.Sql, statement: string): CopyQuery {
  const query = client.unsafe(statement) as unknown as PendingQuery
  const { resolve, reject } = query
  let isSettled = false
  let tell: (error: unknown) => void = () => undefined
  const settled = new Promise<unknown>((resolveSettled) => {
    tell = resolveSettled
  })
  const settle = (error: unknown) => {
    isSettled = true
    tell(error)
  }
  query.resolve = (result) => {
    // Listened to at once: an output that fails as it begins does so before whoever awaits it has got it.
    if (result instanceof Readable) result.on('error', settle)
    else settle(undefined)
    resolve(result)
  }
  query.reject = (error) => {
    settle(error)
    reject(error)
  }
  return {
    opened: query.readable(),
    settled,
    isSettled: () => isSettled,
    async cancel() {
      // Output that has begun counts as not active, and would not be cancelled.
      query.active = true
      await query.cancel()
    },
  }
}
