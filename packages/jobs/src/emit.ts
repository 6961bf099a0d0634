import { runPrepared, type Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { catalogue, type JobName, type JobPayload, type QueueName } from './catalogue.ts'
import { parsePayload } from './payload.ts'
import { currentTraceparent } from './trace-context.ts'

export { currentTraceparent }

/** How long a new row is left to the process that wrote it before any relay may send it. */
export const BIRTH_LEASE_SECONDS = 5

/** An id of a dispatch must be new, and the column's constraint ends there. */
export const MOST_ATTEMPTS = 1_000_000

/** What dispatching needs of an outbox row. */
export interface OutboxRow {
  id: string
  queue: string
  name: string
  payload: unknown
  /** How often it was handed to the queue before; part of the job's id. */
  attempts: number
  /** The trace that owes it, in W3C's form; null for an untraced one. */
  traceparent: string | null
}

/** Hands freshly committed rows to the queues; never throws, since the relay sends what it cannot. */
export type Dispatch = (rows: readonly OutboxRow[]) => void

/** The validated column values of a row, for a statement that writes outbox rows itself. */
export function outboxValues<K extends JobName>(
  name: K,
  payload: JobPayload<K>,
): { queue: QueueName; name: K; payload: JobPayload<K> } {
  return { queue: catalogue[name].queue, name, payload: parsePayload(name, payload) }
}

const emitted = new WeakMap<Tx, OutboxRow[]>()

/**
 * Records that the change made in `tx` owes a job. It goes out after the commit, and not at all if the
 * transaction rolls back.
 * @throws InvalidJob when the payload does not fit the catalogue
 */
export async function emit<K extends JobName>(tx: Tx, name: K, payload: JobPayload<K>): Promise<void> {
  await emitMany(tx, name, [payload])
}

/**
 * {@link emit} for many payloads of one job, in one statement. With `delaySeconds` they go out that long after the
 * transaction began: no process keeps them until then, and whichever relay is there sends them.
 */
export async function emitMany<K extends JobName>(
  tx: Tx,
  name: K,
  payloads: readonly JobPayload<K>[],
  { delaySeconds = 0 }: { delaySeconds?: number } = {},
): Promise<void> {
  if (payloads.length === 0) return
  const isLater = delaySeconds > 0
  const values = payloads.map((payload) => outboxValues(name, payload))
  // One parameter for all: a list of values with a parameter each takes longer to put together than to insert.
  const rows = await runPrepared<OutboxRow & Record<string, unknown>>(
    tx,
    sql`
    INSERT INTO outbox (queue, name, payload, traceparent, available_at, lease_until)
    SELECT e.row ->> 'queue', e.row ->> 'name', e.row -> 'payload', ${currentTraceparent()}::text,
      now() + make_interval(secs => ${delaySeconds}::float8),
      CASE WHEN NOT ${isLater}::boolean THEN now() + make_interval(secs => ${BIRTH_LEASE_SECONDS}::float8) END
    FROM jsonb_array_elements(${JSON.stringify(values)}::jsonb) WITH ORDINALITY AS e(row, n) ORDER BY e.n
    RETURNING id, queue, name, payload, attempts, traceparent`,
  )
  if (!isLater) noteEmitted(tx, rows)
}

/** Adds rows that a statement of the transaction wrote itself to what {@link takeEmitted} answers. */
export function noteEmitted(tx: Tx, rows: readonly OutboxRow[]): void {
  emitted.set(tx, [...(emitted.get(tx) ?? []), ...rows])
}

/** The rows emitted in `tx`, to be dispatched once it has committed. */
export function takeEmitted(tx: Tx): OutboxRow[] {
  return emitted.get(tx) ?? []
}
