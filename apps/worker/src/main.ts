import { getPriority, setPriority } from 'node:os'
import { closeDatabase, createDatabase } from '@servicedesk/db/client'
import { createQueueTelemetry, safeError } from '@servicedesk/jobs'
import {
  createJobMetrics,
  createStoreGauges,
  createSweepMetrics,
  keepHeapSmall,
  logDestination,
  startTracing,
} from '@servicedesk/telemetry'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { readConfig } from './config.ts'
import { startHealthServer } from './health-server.ts'
import { startServiceDeskWorker } from './worker.ts'

async function start(): Promise<void> {
  const config = readConfig(process.env)
  // Only ever down: whoever started it may have gone further.
  setPriority(Math.max(getPriority(), config.niceness))
  const log = pino(
    { level: config.logLevel, base: { worker: process.pid }, serializers: { err: safeError } },
    logDestination(),
  )
  const db = createDatabase(config.databaseUrl, { max: 12, applicationName: 'servicedesk-worker' })
  const replicaUrl = config.databaseReplicaUrl
  const reports =
    replicaUrl === undefined
      ? db
      : createDatabase(replicaUrl, {
          max: 4,
          applicationName: 'servicedesk-worker-reports',
          isReadOnly: true,
        })
  const tracing = await startTracing(config.tracing, 'servicedesk-worker')
  const registry = new Registry()
  const worker = startServiceDeskWorker(config, db, log, {
    reports,
    observer: createJobMetrics(registry),
    swept: createSweepMetrics(registry),
    telemetry: config.tracing === undefined ? undefined : await createQueueTelemetry(),
  })
  const gauges = createStoreGauges(registry, { db, queues: worker.queues })
  const health =
    config.healthPort === undefined
      ? undefined
      : await startHealthServer({ host: config.healthHost, port: config.healthPort, registry, gauges })

  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    // The deadline is for jobs; closing connections gets two seconds more, then the process goes regardless.
    setTimeout(() => process.exit(1), config.shutdownTimeoutMs + 2_000).unref()
    await worker.close(config.shutdownTimeoutMs)
    health?.close()
    // What still runs has been put back; its transaction is rolled back.
    await Promise.all([...new Set([db, reports])].map((each) => closeDatabase(each, 0.5)))
    await tracing.stop()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  // Started by the supervisor and left alone: it died.
  process.on('disconnect', () => void stop('disconnect'))

  await worker.ready
  keepHeapSmall()
  log.info({ queues: config.queues }, 'working')
  process.send?.({ type: 'ready' })
}

start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
