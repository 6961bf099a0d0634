import { setMaxListeners } from 'node:events'
import type { Database, Publish } from '@servicedesk/db'
import { type Telemetry, Worker } from 'bullmq'
import type { QueueName } from './catalogue.ts'
import { createDispatcher } from './dispatch.ts'
import type { JobObserver } from './observe.ts'
import type { Logger } from './once.ts'
import { runUntil } from './put-back.ts'
import { closeQueues, createQueues, type Queues } from './queues.ts'
import { reconcileOnce } from './reconcile.ts'
import { createRedis, createWorkerRedis } from './redis.ts'
import type { RedisConnection } from './redis-settings.ts'
import { relayOnce } from './relay.ts'
import { type Handlers, runJob } from './run-job.ts'
import type { Schedule } from './schedules.ts'
import { startTimer } from './timer.ts'
import { WORKER_SETTINGS } from './worker-settings.ts'

export interface WorkerOptions<Deps> {
  db: Database
  redis: RedisConnection
  prefix: string
  queues: readonly QueueName[]
  handlers: Handlers<Deps>
  deps: Deps
  log: Logger
  /** Is told what jobs changed, after their commits. */
  publish?: Publish | undefined
  observer?: JobObserver | undefined
  /** Makes spans of what is added and run. */
  telemetry?: Telemetry | undefined
  /** Periods and times; the defaults are the product's, tests shorten them. Milliseconds, where not said otherwise. */
  relayMs?: number
  reconcileMs?: number
  graceSeconds?: number
  schedules?: readonly Schedule[]
  settings?: Partial<typeof WORKER_SETTINGS>
}

export interface RunningWorker {
  /** For asking how full they are. */
  queues: Queues
  /** Resolves when every queue's worker is connected and listening. */
  ready: Promise<void>
  /**
   * Stops taking work, lets running jobs finish and closes everything it opened, within `deadlineMs` altogether. Jobs
   * that are not finished shortly before go back to their queues.
   */
  close(deadlineMs: number): Promise<void>
}

/** With the reconciler's 30 s, what a wiped Redis lost is on its way again within 75 s of the wipe. */
const GRACE_SECONDS = 45
/** What putting jobs back and closing may take. */
const CLOSING_MS = 1_000

/** Assignment and sweeps serialise on a lock anyway; mail waits on a server, thumbnails on a core. */
const CONCURRENCY: Record<QueueName, number> = {
  assignment: 2,
  sla: 1,
  thumbnails: 2,
  email: 5,
  // A scanner does one stream a thread, and a sweep may take an hour.
  files: 4,
  // Each keeps a core of PostgreSQL busy, and holds a snapshot.
  exports: 2,
  // While one prunes, the other tells of dead letters.
  maintenance: 2,
}

/** A worker that can be left alone while it still waits for something. */
class LeavableWorker extends Worker {
  /**
   * Ends the renewal of its jobs' locks. `close` does it only after the last job, which may wait for ever for an answer
   * on a connection that is gone; the renewal's timer would keep the process alive.
   */
  leave(): Promise<void> {
    return this.lockManager.close()
  }
}

/** Starts the workers of the chosen queues, and in every worker process the relay and the reconciler. */
export function startWorker<Deps>(options: WorkerOptions<Deps>): RunningWorker {
  const { db, log, observer, telemetry, publish } = options
  const onRedisError = (err: Error) => log.debug({ err }, 'redis')
  const producer = createRedis(options.redis, onRedisError)
  const blocking = createWorkerRedis(options.redis, onRedisError)
  const queues = createQueues(producer, options.prefix, onRedisError, telemetry)
  const dispatcher = createDispatcher({
    db,
    queues,
    onError: (err) => log.warn({ err }, 'dispatch left to the relay'),
    observer,
  })
  const { handlers, deps } = options
  const context = { db, dispatch: dispatcher.dispatch, publish, handlers, deps, log, observer }

  const stopping = new AbortController()
  // Every job of every queue may listen.
  setMaxListeners(0, stopping.signal)
  const workers = options.queues.map((queue) => {
    const worker = new LeavableWorker(
      queue,
      (job, token) => runUntil(stopping.signal, job, token, () => runJob(context, job)),
      {
        connection: blocking,
        prefix: options.prefix,
        concurrency: CONCURRENCY[queue],
        ...WORKER_SETTINGS,
        ...options.settings,
        ...(telemetry === undefined ? {} : { telemetry }),
      },
    )
    worker.on('error', onRedisError)
    worker.on('failed', (job, err) => log.warn({ queue, job: job?.name, jobId: job?.id, err }, 'job failed'))
    return worker
  })
  const timers = [
    startTimer('relay', options.relayMs ?? 1_000, log, () => relayOnce(db, queues, observer)),
    startTimer('reconcile', options.reconcileMs ?? 30_000, log, () =>
      reconcileOnce(db, queues, {
        graceSeconds: options.graceSeconds ?? GRACE_SECONDS,
        log,
        schedules: options.schedules,
      }),
    ),
  ]

  return {
    queues,
    ready: Promise.all(workers.map((worker) => worker.waitUntilReady())).then(() => undefined),
    async close(deadlineMs) {
      const putBack = setTimeout(
        () => {
          log.warn({}, 'jobs did not finish in time; they go back to their queues')
          stopping.abort()
        },
        Math.max(deadlineMs - CLOSING_MS, deadlineMs / 2),
      )
      const closing = Promise.all([
        ...workers.map((worker) => worker.close()),
        ...timers.map((timer) => timer.stop()),
      ])
        .then(() => dispatcher.close())
        .then(() => closeQueues(queues))
        .catch((err: unknown) => log.warn({ err }, 'closing'))
      // A Redis or PostgreSQL that is away must not keep the process.
      await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, deadlineMs).unref())])
      clearTimeout(putBack)
      await Promise.all(workers.map((worker) => worker.leave()))
      producer.disconnect()
      blocking.disconnect()
    },
  }
}
