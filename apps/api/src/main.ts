import { createCore, systemClock } from '@servicedesk/core'
import { closeDatabase, createDatabase } from '@servicedesk/db/client'
import { createStore } from '@servicedesk/files'
import { closeQueues, createDispatcher, createQueues, createRedis } from '@servicedesk/jobs'
import { pino } from 'pino'
import { buildApp } from './app.ts'
import { readConfig } from './config.ts'
import { createLinkMaker } from './files/link-maker.ts'
import { loggerOptions } from './logger.ts'

async function start(): Promise<void> {
  const config = readConfig(process.env)
  const log = pino(loggerOptions(config.logLevel))
  const db = createDatabase(config.databaseUrl, { max: 20, applicationName: 'servicedesk-api' })
  const onRedisError = (err: Error) => log.debug({ err }, 'redis')
  const redis = createRedis(config.redis, onRedisError)
  const queues = createQueues(redis, config.redisPrefix, onRedisError)
  const dispatcher = createDispatcher({
    db,
    queues,
    onError: (err) => log.warn({ err }, 'dispatch left to the relay'),
  })
  const link = createLinkMaker(config)
  const core = createCore({
    db,
    clock: systemClock,
    dispatch: dispatcher.dispatch,
    link,
    auth: {
      secret: config.secret,
      refreshTokenDays: config.refreshTokenDays,
      passwords: { refuseCommon: !config.isEmbedded },
    },
  })
  const store = createStore(config)
  const app = await buildApp(
    { config, core, db, redis, queues, store, dispatch: dispatcher.dispatch, link },
    log,
  )
  await app.listen({ host: config.host, port: config.port })
  process.send?.({ type: 'ready' })

  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    // A request that hangs must not keep the process: what it did not commit did not happen.
    setTimeout(() => process.exit(1), config.shutdownTimeoutMs).unref()
    await app.close()
    await dispatcher.close()
    await closeQueues(queues)
    redis.disconnect()
    await closeDatabase(db)
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
