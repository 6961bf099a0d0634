import type { JobName } from './catalogue.ts'

/** How one run of a job ended. */
export type JobOutcome =
  /** The handler came to its end. */
  | 'done'
  /** Its row had been settled before: nothing was to be done. */
  | 'skipped'
  /** It failed and is tried again. */
  | 'retried'
  /** It failed and no try follows. */
  | 'failed'

export interface JobEnd {
  /** `unknown` for a name that this release does not have: names from outside must not grow without end. */
  job: JobName | 'unknown'
  outcome: JobOutcome
  /** From the moment the worker took it. */
  seconds: number
}

export interface BatchSent {
  /** Right after the commit by the process that wrote the rows, or later by a relay. */
  by: 'commit' | 'relay'
  rows: number
  /** False when Redis or PostgreSQL could not be reached; the rows stay owed. */
  isSent: boolean
}

/** Is told what the queues' work came to; the apps make metrics of it. It must not throw. */
export interface JobObserver {
  jobEnded(end: JobEnd): void
  batchSent(batch: BatchSent): void
}
