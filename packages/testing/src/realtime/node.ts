import { buildApp, createLinkMaker, schemaController } from '@servicedesk/api'
import { type Core, createCore, systemClock } from '@servicedesk/core'
import { createStores } from '@servicedesk/files'
import { createRedis, dispatchRows, type RedisConnection } from '@servicedesk/jobs'
import { type ChangeBus, changesKey, createChangeBus } from '@servicedesk/realtime'
import type { Teardown, TestDesk } from '../desk.ts'

type Deps = Parameters<typeof buildApp>[0]

export interface TestNode {
  app: Awaited<ReturnType<typeof buildApp>>
  core: Core
  changes: ChangeBus
  /** Where it listens. */
  url: string
  /** Closes it before the test ends. */
  close(): Promise<void>
}

export interface NodeOptions {
  times?: Deps['realtimeTimes']
  redis?: RedisConnection
  dispatch?: boolean
  logger?: Parameters<typeof buildApp>[1]
  /** Puts something in front of what the node reads logs from. */
  feed?: (feed: Core['feed']) => Core['feed']
}

let schemas: ReturnType<typeof schemaController> | undefined

/** One more API on a desk's stores, in this process, with sockets and listening: what a node of a cluster is. */
export async function startNode(t: Teardown, desk: TestDesk, options: NodeOptions = {}): Promise<TestNode> {
  const config = { ...desk.config, ...(options.redis === undefined ? {} : { redis: options.redis }) }
  const { db, queues } = desk
  const redis = createRedis(config.redis, () => undefined)
  const changes = createChangeBus({ redis, key: changesKey(config.redisPrefix), onError: () => undefined })
  const link = createLinkMaker(config)
  const sending = new Set<Promise<unknown>>()
  const dispatch: Deps['dispatch'] = (rows) => {
    if (options.dispatch && rows.length > 0) sending.add(dispatchRows(db, queues, rows))
  }
  const made = createCore({
    db,
    clock: systemClock,
    dispatch,
    publish: changes.publish,
    link,
    auth: { secret: config.secret, refreshTokenDays: 7, passwords: { refuseCommon: true } },
    files: { quotaBytes: config.uploadQuotaBytes, isScanned: config.scanner !== undefined },
    mail: { groupSeconds: config.mailGroupSeconds },
  })
  const core = { ...made, feed: options.feed?.(made.feed) ?? made.feed }
  const stores = createStores(config.storage)
  schemas ??= schemaController()
  const deps = {
    config,
    core,
    db,
    redis,
    queues,
    stores,
    dispatch,
    link,
    changes,
    realtimeTimes: options.times,
  }
  const app = await buildApp(deps, options.logger, schemas)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= app
      .close()
      .then(() => Promise.all([changes.close(), ...sending]))
      .then(() => redis.disconnect())
    return closing
  }
  t.teardown(close)
  return { app, core, changes, url, close }
}
