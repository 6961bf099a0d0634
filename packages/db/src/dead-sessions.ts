import type postgres from 'postgres'

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
  return Object.assign(client, { begin: survivingBegin })
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
    unsafe: (...args: unknown[]) => guardQuery(session, unsafe(...args)),
    savepoint: async (work: Work) => {
      if (session.death !== undefined) throw session.death
      return savepoint((inner) => inSession(session, inner, work))
    },
  })
}

function guardQuery(session: Session, query: PendingQuery): PendingQuery {
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
