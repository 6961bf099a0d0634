import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiConfig, buildApp, createLinkMaker, schemaController } from '@servicedesk/api'
import { type Actor, type Clock, type Core, createCore, type RoleName } from '@servicedesk/core'
import { type Database, outbox } from '@servicedesk/db'
import { createStores, readStorage } from '@servicedesk/files'
import {
  closeQueues,
  createQueues,
  createRedis,
  dispatchRows,
  type OutboxRow,
  type Queues,
  type RedisClient,
  type RedisConnection,
} from '@servicedesk/jobs'
import { and, isNull } from 'drizzle-orm'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { testServers } from './environment.ts'
import { createPerson, type PersonOptions } from './people.ts'

/** What a tap test offers to clean up. */
export interface Teardown {
  teardown(cleanUp: () => Promise<void>): unknown
}

type App = Awaited<ReturnType<typeof buildApp>>

export interface TestDesk extends TestDatabase {
  core: Core
  app: App
  config: ApiConfig
  redis: RedisClient
  queues: Queues
  /** Rows that were handed to the dispatcher, in order. */
  dispatched: OutboxRow[]
  person(role: RoleName, options?: PersonOptions): Promise<Actor>
  /** The headers of a signed-in actor's requests. */
  as(actor: Actor): { authorization: string }
  /** Outbox rows that are neither done nor dead. */
  owed(): Promise<(typeof outbox.$inferSelect)[]>
}

export interface DeskOptions {
  clock?: Clock
  config?: Partial<ApiConfig>
  /** Send committed rows to Redis as the product does; otherwise they are only collected. */
  dispatch?: boolean
  /** Where figures and exports are read, instead of the desk's own database. */
  reports?: Database
  /** In the pool; 10 by default. */
  connections?: number
  /** Takes what the API logs; otherwise nothing is logged. */
  logger?: Parameters<typeof buildApp>[1]
}

/** Compiling the routes' schemas takes longer than the rest of a desk; the desks of a process share it. */
let schemas: ReturnType<typeof schemaController> | undefined

/** A whole desk for one test file: a database, key prefix and folder of its own, an API that never listens. */
export async function createTestDesk(t: Teardown, options: DeskOptions = {}): Promise<TestDesk> {
  const database = await createTestDatabase(options.connections)
  const dataDir = mkdtempSync(join(tmpdir(), 'servicedesk-desk-'))
  const config = { ...testConfig(database.url, testServers().redis, dataDir), ...options.config }
  const redis = createRedis(config.redis, () => undefined)
  const queues = createQueues(redis, config.redisPrefix, () => undefined)
  const clock = options.clock ?? { now: () => new Date() }
  const dispatched: OutboxRow[] = []
  const sending = new Set<Promise<unknown>>()
  const dispatch = (rows: readonly OutboxRow[]) => {
    dispatched.push(...rows)
    if (options.dispatch && rows.length > 0) sending.add(dispatchRows(database.db, queues, rows))
  }
  const link = createLinkMaker(config)
  const auth = { secret: config.secret, refreshTokenDays: 7, passwords: { refuseCommon: true } }
  const core = createCore({
    db: database.db,
    reports: options.reports,
    clock,
    dispatch,
    link,
    auth,
    files: { quotaBytes: config.uploadQuotaBytes, isScanned: config.scanner !== undefined },
    mail: { groupSeconds: config.mailGroupSeconds },
  })
  const stores = createStores(config.storage)
  const deps = {
    config,
    core,
    db: database.db,
    reports: options.reports,
    redis,
    queues,
    stores,
    dispatch,
    link,
  }
  schemas ??= schemaController()
  const app = await buildApp(deps, options.logger, schemas)
  await app.ready()
  t.teardown(async () => {
    await app.close()
    await Promise.all(sending)
    await closeQueues(queues)
    redis.disconnect()
    await database.drop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return {
    ...database,
    core,
    app,
    config,
    redis,
    queues,
    dispatched,
    person: (role, given) => createPerson(database.db, role, given),
    as: (actor) => ({
      authorization: `Bearer ${app.signAccessToken({ userId: actor.id, sessionId: actor.sessionId })}`,
    }),
    owed: () =>
      database.db
        .select()
        .from(outbox)
        .where(and(isNull(outbox.doneAt), isNull(outbox.failedAt))),
  }
}

function testConfig(databaseUrl: string, redis: RedisConnection, dataDir: string): ApiConfig {
  return {
    host: '127.0.0.1',
    port: 0,
    databaseUrl,
    databaseReplicaUrl: undefined,
    redis,
    redisPrefix: `{test-${randomBytes(6).toString('hex')}}`,
    secret: 'a secret of the tests that is long enough',
    accessTokenMinutes: 30,
    refreshTokenDays: 7,
    hidesAccounts: false,
    corsOrigins: ['https://desk.example'],
    publicUrl: 'http://desk.test',
    storage: readStorage({}, [], dataDir),
    filesDelivery: 'stream',
    scanner: undefined,
    // Each thing is a mail of its own, at once.
    mailGroupSeconds: 0,
    uploadQuotaBytes: undefined,
    dataDir,
    logLevel: 'silent',
    metricsToken: 'metrics-token-of-the-tests',
    trustedProxies: [],
    tracing: undefined,
    shutdownTimeoutMs: 5_000,
    isEmbedded: true,
    isProduction: false,
  }
}
