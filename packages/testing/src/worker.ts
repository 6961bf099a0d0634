import { QUEUES } from '@servicedesk/jobs'
import { startServiceDeskWorker, type WorkerConfig } from '@servicedesk/worker'
import type { Teardown, TestDesk } from './desk.ts'

type Overrides = Parameters<typeof startServiceDeskWorker>[3]

const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

/** The configuration of a worker on a test desk's stores. */
export function testWorkerConfig(desk: TestDesk, smtpUrl: string): WorkerConfig {
  const { databaseUrl, redis, redisPrefix } = desk.config
  return {
    databaseUrl,
    databaseReplicaUrl: undefined,
    redis,
    redisPrefix,
    smtpUrl,
    queues: [...QUEUES],
    mailFrom: 'ServiceDesk <desk@test.example>',
    mailGroupSeconds: desk.config.mailGroupSeconds,
    productName: 'ServiceDesk',
    webUrl: 'http://desk.test',
    storage: desk.config.storage,
    scanner: desk.config.scanner,
    logLevel: 'silent',
    healthPort: undefined,
    healthHost: '127.0.0.1',
    shutdownTimeoutMs: 5_000,
    tracing: undefined,
    niceness: 0,
    isProduction: false,
  }
}

/** A real worker on a test desk: real queues, closed with the test. */
export async function startTestWorker(
  t: Teardown,
  desk: TestDesk,
  smtpUrl: string,
  overrides: Overrides = {},
) {
  const config = testWorkerConfig(desk, smtpUrl)
  const worker = startServiceDeskWorker(config, desk.db, SILENT, { relayMs: 100, ...overrides })
  t.teardown(() => worker.close(5_000))
  await worker.ready
  return worker
}
