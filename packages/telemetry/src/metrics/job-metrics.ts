import type { JobObserver } from '@servicedesk/jobs'
import { Counter, Histogram, type Registry } from 'prom-client'

/** From a statement under a lock to a mail server that hangs until its timeout. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const ROWS = [1, 2, 5, 10, 25, 50, 100, 250, 500]

/** What a process hands over to the queues. */
export function createDispatchMetrics(registry: Registry): Pick<JobObserver, 'batchSent'> {
  const labelNames = ['by'] as const
  const registers = [registry]
  const rows = new Histogram({
    name: 'servicedesk_dispatch_batch_rows',
    help: 'Outbox rows handed to the queues together, by the process that wrote them (commit) or by a relay',
    labelNames,
    buckets: ROWS,
    registers,
  })
  const failures = new Counter({
    name: 'servicedesk_dispatch_failures_total',
    help: 'Batches that could not be handed over; their rows stay owed',
    labelNames,
    registers,
  })
  return {
    batchSent({ by, rows: sent, isSent }) {
      if (isSent) rows.observe({ by }, sent)
      else failures.inc({ by })
    },
  }
}

/** What a worker runs and hands over. */
export function createJobMetrics(registry: Registry): JobObserver {
  const labelNames = ['job', 'outcome'] as const
  const registers = [registry]
  const jobs = new Counter({
    name: 'servicedesk_jobs_total',
    help: 'Runs of jobs that ended: done, skipped (settled before), retried (failed, tried again) or failed for good',
    labelNames,
    registers,
  })
  const seconds = new Histogram({
    name: 'servicedesk_job_duration_seconds',
    help: 'Duration of one run of a job',
    labelNames,
    buckets: SECONDS,
    registers,
  })
  return {
    ...createDispatchMetrics(registry),
    jobEnded(end) {
      const labels = { job: end.job, outcome: end.outcome }
      jobs.inc(labels)
      seconds.observe(labels, end.seconds)
    },
  }
}
