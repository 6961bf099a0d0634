import { randomBytes } from 'node:crypto'
import { type Database, outbox } from '@servicedesk/db'
import {
  catalogue,
  closeQueues,
  createQueues,
  createRedis,
  emitMany,
  type Handlers,
  type JobRun,
  type Logger,
  type OutboxRow,
  QUEUES,
  type Queues,
  type RedisClient,
  type RedisConnection,
  startWorker,
  takeEmitted,
  type WorkerOptions,
} from '@servicedesk/jobs'
import { createTestDatabase, type Teardown, testServers } from '@servicedesk/testing'
import { asc, eq } from 'drizzle-orm'

export type Row = typeof outbox.$inferSelect

export interface JobsDesk {
  db: Database
  url: string
  redis: RedisClient
  queues: Queues
  prefix: string
  connection: RedisConnection
  /** Commits so many owed `ticket.assign` rows, as if their writer had died at once: no lease is left. */
  owe(many: number): Promise<OutboxRow[]>
  row(id: string): Promise<Row>
  rows(): Promise<Row[]>
  set(id: string, values: Partial<typeof outbox.$inferInsert>): Promise<void>
  /** How many jobs a queue of Redis has, in whatever state. */
  jobs(queue: keyof Queues): Promise<number>
}

export const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

/** An outbox and queues of their own, without a desk around them. `connection` may be a proxy to Redis. */
export async function createJobsDesk(
  t: Teardown,
  connection: RedisConnection = testServers().redis,
): Promise<JobsDesk> {
  const { db, url, drop } = await createTestDatabase()
  const prefix = `{jobs-${randomBytes(6).toString('hex')}}`
  const redis = createRedis(connection, () => undefined)
  const queues = createQueues(redis, prefix, () => undefined)
  t.teardown(async () => {
    await closeQueues(queues)
    redis.disconnect()
    await drop()
  })
  return {
    db,
    url,
    redis,
    queues,
    prefix,
    connection,
    async owe(many) {
      const rows = await db.transaction(async (tx) => {
        const payloads = Array.from({ length: many }, (_, n) => ({ ticket_id: n + 1 }))
        await emitMany(tx, 'ticket.assign', payloads)
        return takeEmitted(tx)
      })
      await db.update(outbox).set({ leaseUntil: null })
      return rows
    },
    async row(id) {
      const [row] = await db.select().from(outbox).where(eq(outbox.id, id))
      return row!
    },
    rows: () => db.select().from(outbox).orderBy(asc(outbox.id)),
    async set(id, values) {
      await db.update(outbox).set(values).where(eq(outbox.id, id))
    },
    async jobs(queue) {
      const counts = await queues[queue].getJobCounts()
      return Object.values(counts).reduce((sum, each) => sum + each, 0)
    },
  }
}

/** One run of a row's job, as a worker would hand it to its handler. */
export function runOf(
  desk: JobsDesk,
  row: Pick<OutboxRow, 'id'> | null,
  dispatch: JobRun['dispatch'],
): JobRun {
  return {
    name: 'ticket.assign',
    payload: { ticket_id: 1 },
    outboxId: row?.id ?? null,
    attempt: 1,
    isLastAttempt: false,
    stalls: 0,
    log: SILENT,
    db: desk.db,
    dispatch,
  }
}

/** Handlers that do nothing but those given. */
export function handlersWith(given: Partial<Handlers<object>>): Handlers<object> {
  const idle = Object.fromEntries(Object.keys(catalogue).map((name) => [name, async () => undefined]))
  return { ...(idle as unknown as Handlers<object>), ...given }
}

/** A real worker of all queues with the given handlers, closed with the test. */
export async function workerOf(
  t: Teardown,
  desk: JobsDesk,
  given: Partial<Handlers<object>>,
  options: Partial<WorkerOptions<object>> = {},
) {
  const worker = startWorker<object>({
    db: desk.db,
    redis: desk.connection,
    prefix: desk.prefix,
    queues: QUEUES,
    handlers: handlersWith(given),
    deps: {},
    log: SILENT,
    relayMs: 20,
    ...options,
  })
  t.teardown(() => worker.close(2_000))
  await worker.ready
  return worker
}
