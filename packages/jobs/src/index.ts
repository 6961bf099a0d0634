export type { Telemetry } from 'bullmq'
export { UnrecoverableError } from 'bullmq'
export { catalogue, type JobName, type JobPayload, QUEUES, type QueueName } from './catalogue.ts'
export { createDispatcher, type Dispatcher, dispatchRows } from './dispatch.ts'
export { type Dispatch, emit, emitMany, type OutboxRow, takeEmitted } from './emit.ts'
export {
  type OutboxFigures,
  QUEUE_STATES,
  type QueueFigure,
  readOutboxFigures,
  readQueueFigures,
} from './figures.ts'
export { MILESTONES, type Milestone, milestoneChannel } from './milestones.ts'
export type { BatchSent, JobEnd, JobObserver, JobOutcome } from './observe.ts'
export { type JobRun, type Logger, once } from './once.ts'
export { InvalidJob, parsePayload } from './payload.ts'
export { createQueueTelemetry } from './queue-telemetry.ts'
export { closeQueues, createQueues, isQueueName, type Queues } from './queues.ts'
export { type ReconcileOptions, reconcileOnce } from './reconcile.ts'
export { checkRedisConnection, createRedis, createWorkerRedis, type RedisClient } from './redis.ts'
export {
  DEFAULT_PREFIX,
  describeRedis,
  type HostPort,
  type RedisConnection,
  readRedisConnection,
  readRedisPrefix,
} from './redis-settings.ts'
export { leaseRows, relayOnce } from './relay.ts'
export type { Handler, Handlers } from './run-job.ts'
export { safeError, safeMessage } from './safe-error.ts'
export { type Schedule, schedules, upsertSchedules } from './schedules.ts'
export { type RunningWorker, startWorker, type WorkerOptions } from './start-worker.ts'
