import { createCore, systemClock } from '@servicedesk/core'
import { closeDatabase, createDatabase } from '@servicedesk/db/client'
import { createStores } from '@servicedesk/files'
import {
  closeQueues,
  createDispatcher,
  createQueues,
  createQueueTelemetry,
  createRedis,
} from '@servicedesk/jobs'
import { changesKey, createChangeBus } from '@servicedesk/realtime'
import { createDispatchMetrics, keepHeapSmall, logDestination, startTracing } from '@servicedesk/telemetry'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { buildApp } from './app.ts'
import { readConfig } from './config.ts'
import { createLinkMaker } from './files/link-maker.ts'
import { loggerOptions } from './logger.ts'

/** What a request that was cut off gets to clean up after itself. */
const CLEANUP_MS = 1_000

async function start(): Promise<void> {
  const config = readConfig(process.env)
  const log = pino(loggerOptions(config.logLevel), logDestination())
  const tracing = await startTracing(config.tracing, 'servicedesk-api')
  const telemetry = config.tracing === undefined ? undefined : await createQueueTelemetry()
  const registry = new Registry()
  const db = createDatabase(config.databaseUrl, { max: 20, applicationName: 'servicedesk-api' })
  const replicaUrl = config.databaseReplicaUrl
  const reports =
    replicaUrl === undefined
      ? undefined
      : createDatabase(replicaUrl, { max: 8, applicationName: 'servicedesk-api-reports', isReadOnly: true })
  const onRedisError = (err: unknown) => log.debug({ err }, 'redis')
  const redis = createRedis(config.redis, onRedisError)
  const queues = createQueues(redis, config.redisPrefix, onRedisError, telemetry)
  const dispatcher = createDispatcher({
    db,
    queues,
    onError: (err) => log.warn({ err }, 'dispatch left to the relay'),
    observer: createDispatchMetrics(registry),
  })
  const changes = createChangeBus({ redis, key: changesKey(config.redisPrefix), onError: onRedisError })
  const link = createLinkMaker(config)
  const core = createCore({
    db,
    reports,
    clock: systemClock,
    dispatch: dispatcher.dispatch,
    publish: changes.publish,
    link,
    files: { quotaBytes: config.uploadQuotaBytes, isScanned: config.scanner !== undefined },
    mail: { groupSeconds: config.mailGroupSeconds },
    auth: {
      secret: config.secret,
      refreshTokenDays: config.refreshTokenDays,
      passwords: { refuseCommon: !config.isEmbedded },
    },
  })
  const stores = createStores(config.storage)
  const app = await buildApp(
    {
      config,
      core,
      db,
      reports,
      redis,
      queues,
      stores,
      dispatch: dispatcher.dispatch,
      link,
      changes,
      registry,
    },
    log,
  )
  keepHeapSmall()
  await app.listen({ host: config.host, port: config.port })
  process.send?.({ type: 'ready' })

  let stopping = false
  let isCut = false
  const stop = async (signal: string) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    // A request that hangs must not keep the process: what it did not commit did not happen. It is cut off a little
    // before the end, so that an upload can take away the files that no row will name.
    const { shutdownTimeoutMs } = config
    setTimeout(
      () => {
        isCut = true
        log.warn('requests did not finish in time; they are cut off')
        app.server.closeAllConnections()
      },
      Math.max(shutdownTimeoutMs - CLEANUP_MS, shutdownTimeoutMs / 2),
    ).unref()
    setTimeout(() => process.exit(1), shutdownTimeoutMs)
    await app.close()
    if (isCut) return
    await Promise.all([dispatcher.close(), changes.close()])
    await closeQueues(queues)
    redis.disconnect()
    const databases = [db, ...(reports === undefined ? [] : [reports])]
    await Promise.all([...databases.map((each) => closeDatabase(each)), tracing.stop()])
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  // Started by the supervisor and left alone: it died.
  process.on('disconnect', () => void stop('disconnect'))
}

start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
