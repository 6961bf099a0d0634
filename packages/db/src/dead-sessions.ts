import type postgres from 'postgres'
import { preparing } from './preparing.ts'

// What the driver does wrong inside a connection is mended in `packages/db/patches`; what can be mended from outside, here.

/**
 * Makes a client survive sessions that die inside a transaction, and the transaction die with them. postgres.js 3.4
 * does neither:
 * - it writes the ROLLBACK to a socket that is gone and throws out of a timer: the process would die
 *   (porsager/postgres#1208);
 * - it lets the rest of the transaction run on, on the same connection once that is open again, where every statement
 *   commits by itself, perhaps in the middle of somebody else's transaction.
 *
 * So a failure of the session never reaches it (its own watch on the connection rejects the transaction), and no
 * statement of a transaction whose session has died is ever sent.
 */
export function surviveDeadSessions(client: postgres.Sql): postgres.Sql {
  const begin = client.begin.bind(client) as unknown as (work: Work) => Promise<unknown>

  async function survivingBegin(work: Work): Promise<unknown> {
    const session: Session = { death: undefined }
    try {
      return await begin((tx) => inSession(session, tx, work))
    } catch (error) {
      if (isDeadSession(error)) session.death ??= error
      throw error
    }
  }
  const { unsafe } = client
  return Object.assign(client, {
    begin: survivingBegin,
    unsafe: (...args: Parameters<typeof unsafe>) => {
      const query = unsafe(...preparing(args))
      withoutHoles(query as unknown as PendingQuery)
      return query
    },
  })
}

type Work = (tx: Scope) => Promise<unknown>

/** What of an open transaction's handle is used: Drizzle's queries and savepoints. */
interface Scope {
  unsafe(...args: unknown[]): PendingQuery
  savepoint(work: Work): Promise<unknown>
}

/** A query that was not sent yet, with the members by which postgres.js 3.4 sends and fails it. */
interface PendingQuery extends Promise<unknown> {
  handler: (query: PendingQuery) => void
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
}

interface Session {
  /** Why it is gone. */
  death: unknown
}

/** Runs a transaction's work. Its promise stays open when the session died: nobody may commit or roll back any more. */
function inSession(session: Session, tx: Scope, work: Work): Promise<unknown> {
  return new Promise((resolve, reject) => {
    work(guarded(session, tx)).then(
      (result) => {
        if (session.death === undefined) resolve(result)
      },
      (error: unknown) => {
        if (session.death === undefined && !isDeadSession(error)) reject(error)
      },
    )
  })
}

function guarded(session: Session, tx: Scope): Scope {
  const { unsafe, savepoint } = tx
  return Object.assign(tx, {
    unsafe: (...args: unknown[]) => guardQuery(session, unsafe(...preparing(args))),
    savepoint: async (work: Work) => {
      if (session.death !== undefined) throw session.death
      return savepoint((inner) => inSession(session, inner, work))
    },
  })
}

/**
 * postgres.js 3.4 goes on counting where a query broke off among its rows, by an error or with its session: the next query of that
 * connection gets its rows behind as many holes (porsager/postgres#1181), and whoever looks at the first row finds none. They
 * are all there, so the holes are taken out.
 */
function withoutHoles(query: PendingQuery): void {
  const { resolve } = query
  query.resolve = (result) => {
    if (Array.isArray(result) && result.length > 0 && !(0 in result)) {
      result.splice(
        0,
        result.findIndex((_, at) => at in result),
      )
    }
    resolve(result)
  }
}

function guardQuery(session: Session, query: PendingQuery): PendingQuery {
  withoutHoles(query)
  const { handler, reject } = query
  query.handler = (each) => {
    if (session.death === undefined) handler(each)
    else reject(session.death)
  }
  query.reject = (error) => {
    if (isDeadSession(error)) session.death ??= error
    reject(error)
  }
  return query
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
