import { idempotencyKeys, type Tx } from '@servicedesk/db'
import { and, eq, sql } from 'drizzle-orm'
import { conflict, DomainError } from './errors.ts'
import { type ServiceDeps, transact } from './transact.ts'

/** An answer that can be given again. */
export interface StoredAnswer {
  status: number
  headers: Record<string, string>
  body: unknown
}

export interface KeyedRequest {
  userId: number
  /** Method and route pattern. */
  route: string
  key: string
  /** A hash over everything that the request asks for. */
  requestHash: string
}

/** Keys are honoured this long (contract.md). */
const HOURS = 24

/**
 * Runs a creating use case once per key: the answer is stored in the transaction that creates, so that whatever
 * dies, a retry either creates or gets the answer of what was created.
 * @throws DomainError 409 while the first is in flight, 422 for the same key with another request
 */
export async function createOnce(
  deps: Pick<ServiceDeps, 'db' | 'dispatch' | 'publish'>,
  request: KeyedRequest,
  now: Date,
  create: (tx: Tx) => Promise<StoredAnswer>,
): Promise<StoredAnswer & { replayed: boolean }> {
  return transact(deps, async (tx) => {
    await lockKey(tx, request)
    const known = await findAnswer(tx, request, now)
    if (known !== null) return { ...known, replayed: true }
    const made = await create(tx)
    await tx.insert(idempotencyKeys).values({ ...request, ...made, createdAt: now })
    return { ...made, replayed: false }
  })
}

/** A lock on the key's hash for the length of the transaction: it cannot outlive the process that took it. */
async function lockKey(tx: Tx, request: KeyedRequest): Promise<void> {
  const name = `${request.userId} ${request.route} ${request.key}`
  const [row] = await tx.execute<{ held: boolean }>(
    sql`SELECT pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) AS held`,
  )
  if (!row?.held) {
    throw conflict('idempotency_key_in_flight', 'A request with this Idempotency-Key is still being answered')
  }
}

async function findAnswer(tx: Tx, request: KeyedRequest, now: Date): Promise<StoredAnswer | null> {
  const isKey = and(
    eq(idempotencyKeys.userId, request.userId),
    eq(idempotencyKeys.route, request.route),
    eq(idempotencyKeys.key, request.key),
  )
  const [row] = await tx.select().from(idempotencyKeys).where(isKey)
  if (row === undefined) return null
  if (now.getTime() - row.createdAt.getTime() > HOURS * 3_600_000) {
    await tx.delete(idempotencyKeys).where(isKey)
    return null
  }
  if (row.requestHash !== request.requestHash) {
    throw new DomainError(
      'key_reused',
      'idempotency_key_reused',
      'This Idempotency-Key was used with another request',
    )
  }
  return { status: row.status, headers: row.headers, body: row.body }
}
