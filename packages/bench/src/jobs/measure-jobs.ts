import { closeDatabase, createDatabase, type Database } from '@servicedesk/db'
import {
  closeQueues,
  createQueues,
  createRedis,
  createWorkerRedis,
  type Handlers,
  once,
  type Queues,
  relayOnce,
  startWorker,
} from '@servicedesk/jobs'
import { Worker } from 'bullmq'
import type { Figure } from '../framework/figure.ts'
import type { BenchContext } from '../framework/measurement.ts'
import { inTurns } from '../framework/rounds.ts'

const JOBS = 3_000
/** As the product has for this queue. */
const CONCURRENCY = 5
const PREFIX = '{bench-jobs}'
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

interface Desk {
  db: Database
  queues: Queues
  redisUrl: string
}

/**
 * Jobs a second of the product's worker, each of which settles its owed row in a transaction, with a handler that does
 * nothing else; against BullMQ's own worker whose processor does nothing. All jobs wait in Redis when the worker starts.
 * @throws Error unless each job ran once
 */
export async function measureJobs({ servers, rounds, progress }: BenchContext): Promise<Figure[]> {
  const db = createDatabase(servers.databaseUrl, { max: 12, applicationName: 'servicedesk-bench' })
  const { redisUrl } = servers
  const redis = createRedis({ kind: 'single', url: redisUrl }, (error) => console.error(error.message))
  const desk: Desk = {
    db,
    queues: createQueues(redis, PREFIX, (error) => console.error(error.message)),
    redisUrl,
  }
  const rate = (name: string, work: (desk: Desk) => Promise<number>) => async () => {
    progress(`${name}, ${JOBS} jobs`)
    await fill(desk)
    return (JOBS * 1_000) / (await work(desk))
  }
  try {
    const values = await inTurns(rounds, rate('bare worker', bareWorker), rate('worker', productWorker))
    return [
      {
        name: 'jobs that do nothing, each settled in PostgreSQL',
        unit: '/s',
        better: 'more',
        rounds: values.product,
        floor: { name: 'BullMQ’s no-op worker', rounds: values.floor },
      },
    ]
  } finally {
    await closeQueues(desk.queues)
    redis.disconnect()
    await closeDatabase(db)
  }
}

/** Owes so many jobs, and hands them to an empty queue. */
async function fill({ db, queues }: Desk): Promise<void> {
  await db.$client`TRUNCATE outbox`
  await queues.email.obliterate({ force: true })
  await db.$client`
    INSERT INTO outbox (queue, name, payload)
    SELECT 'email', 'email.send', jsonb_build_object('delivery_id', gen_random_uuid()) FROM generate_series(1, ${JOBS}::int)`
  await relayOnce(db, queues)
  const { waiting = 0 } = await queues.email.getJobCounts('waiting')
  if (waiting !== JOBS) throw new Error(`${waiting} of ${JOBS} jobs wait`)
}

async function bareWorker({ redisUrl }: Desk): Promise<number> {
  const connection = createWorkerRedis({ kind: 'single', url: redisUrl }, () => undefined)
  const started = performance.now()
  let done = 0
  let finish: () => void = () => undefined
  const all = new Promise<void>((resolve) => {
    finish = resolve
  })
  const worker = new Worker('email', async () => undefined, {
    connection,
    prefix: PREFIX,
    concurrency: CONCURRENCY,
  })
  worker.on('completed', () => {
    done += 1
    if (done === JOBS) finish()
  })
  await all
  const ms = performance.now() - started
  await worker.close()
  connection.disconnect()
  return ms
}

async function productWorker({ db, redisUrl }: Desk): Promise<number> {
  let done = 0
  let finish: () => void = () => undefined
  const all = new Promise<void>((resolve) => {
    finish = resolve
  })
  const handlers: Pick<Handlers<undefined>, 'email.send'> = {
    async 'email.send'(job) {
      await once(job, async () => undefined)
      done += 1
      if (done === JOBS) finish()
    },
  }
  const started = performance.now()
  const worker = startWorker({
    db,
    redis: { kind: 'single', url: redisUrl },
    prefix: PREFIX,
    queues: ['email'],
    // Of the others there is no job.
    handlers: handlers as Handlers<undefined>,
    deps: undefined,
    log: silent,
    schedules: [],
  })
  await all
  const ms = performance.now() - started
  await worker.close(5_000)
  const [row] = await db.$client<
    { left: number }[]
  >`SELECT count(*)::int AS left FROM outbox WHERE done_at IS NULL`
  if (row?.left !== 0) throw new Error(`${row?.left} of ${JOBS} jobs left their rows as they were`)
  return ms
}
