import {
  createConfigurationCache,
  type FileScanner,
  PictureUnreadable,
  ScanImpossible,
  systemClock,
  type ThumbnailMaker,
} from '@servicedesk/core'
import type { Database } from '@servicedesk/db/client'
import {
  createScanner,
  createStores,
  createThumbnailer,
  type ScannerSettings,
  StreamTooLong,
  ThumbnailImpossible,
} from '@servicedesk/files'
import {
  createRedis,
  type Logger,
  type RunningWorker,
  startWorker,
  type WorkerOptions,
} from '@servicedesk/jobs'
import { createMailer } from '@servicedesk/mail'
import { changesKey, createChangeBus } from '@servicedesk/realtime'
import type { WorkerConfig } from './config.ts'
import type { HandlerDeps } from './handlers/deps.ts'
import { handlers } from './handlers/index.ts'
import { createMailSender } from './mail-sender.ts'

/** Turns the thumbnailer's refusal into core's, which knows nothing of pictures. */
function thumbnailMaker(): ThumbnailMaker {
  const thumbnailer = createThumbnailer()
  return async (original) => {
    try {
      return await thumbnailer.makeThumbnails(original)
    } catch (error) {
      if (error instanceof ThumbnailImpossible) throw new PictureUnreadable(error.message)
      throw error
    }
  }
}

/** Turns the scanner's refusal into core's. */
function fileScanner(settings: ScannerSettings | undefined): FileScanner | undefined {
  if (settings === undefined) return undefined
  const scan = createScanner(settings)
  return async (content) => {
    try {
      return await scan(content)
    } catch (error) {
      if (error instanceof StreamTooLong) throw new ScanImpossible(error.message)
      throw error
    }
  }
}

/** The domain of the sender's address names our messages. */
function domainOf(mailFrom: string): string {
  return /@([\w.-]+)>?\s*$/.exec(mailFrom)?.[1] ?? 'localhost'
}

type Tuning = Pick<
  WorkerOptions<HandlerDeps>,
  'relayMs' | 'reconcileMs' | 'graceSeconds' | 'observer' | 'telemetry'
>

/** Wires handlers to what they need and starts the workers of the configured queues. */
export function startServiceDeskWorker(
  config: WorkerConfig,
  db: Database,
  log: Logger,
  overrides: Partial<HandlerDeps> & Partial<Tuning> = {},
): RunningWorker {
  const { relayMs, reconcileMs, graceSeconds, observer, telemetry, ...given } = overrides
  const mailer = createMailer({ smtpUrl: config.smtpUrl, from: config.mailFrom })
  const clock = given.clock ?? systemClock
  const onRedisError = (err: unknown) => log.debug({ err }, 'redis')
  const redis = createRedis(config.redis, onRedisError)
  const changes = createChangeBus({ redis, key: changesKey(config.redisPrefix), onError: onRedisError })
  const worker = startWorker<HandlerDeps>({
    db,
    log,
    handlers,
    redis: config.redis,
    prefix: config.redisPrefix,
    queues: config.queues,
    observer,
    telemetry,
    publish: changes.publish,
    deps: {
      clock,
      configuration: createConfigurationCache(db, clock, { groupSeconds: config.mailGroupSeconds }),
      reports: db,
      stores: createStores(config.storage),
      makeThumbnails: thumbnailMaker(),
      scan: fileScanner(config.scanner),
      sendMail: createMailSender(mailer, {
        webUrl: config.webUrl,
        domain: domainOf(config.mailFrom),
        productName: config.productName,
      }),
      ...given,
    },
    ...(relayMs === undefined ? {} : { relayMs }),
    ...(reconcileMs === undefined ? {} : { reconcileMs }),
    ...(graceSeconds === undefined ? {} : { graceSeconds }),
  })
  return {
    ...worker,
    async close(deadlineMs) {
      await worker.close(deadlineMs)
      await changes.close()
      redis.disconnect()
      mailer.close()
    },
  }
}
