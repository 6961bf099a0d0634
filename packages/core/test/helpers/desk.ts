import { randomBytes } from 'node:crypto'
import {
  type Actor,
  assignWaiting,
  type Configuration,
  type Core,
  createConfigurationCache,
  createCore,
  type MailSettings,
  type NewTicket,
  type RoleName,
  sweepBatch,
} from '@servicedesk/core'
import { closeDatabase, createDatabase, type Database } from '@servicedesk/db'
import type { OutboxRow } from '@servicedesk/jobs'
import {
  createPerson,
  createTestClock,
  createTestDatabase,
  type PersonOptions,
  type Teardown,
  type TestClock,
} from '@servicedesk/testing'

export interface CoreDesk {
  db: Database
  core: Core
  clock: TestClock
  /** Rows that were handed to the dispatcher, in order. */
  dispatched: OutboxRow[]
  person(role: RoleName, options?: PersonOptions): Promise<Actor>
  /** `many` Technical Users. */
  agents(many: number, options?: PersonOptions): Promise<Actor[]>
  /** Creates a ticket and answers its id. */
  ticket(actor: Actor, input?: Partial<NewTicket>): Promise<number>
  /** What a job does: one batch of assignment in a transaction of its own. */
  assign(limit?: number): Promise<number>
  /** What is configured now. */
  configuration(): Promise<Configuration>
  sweep(limit?: number): ReturnType<typeof sweepBatch>
}

/**
 * The use cases on a database of their own, without API, queues and workers; time stands still. Mail is not grouped,
 * unless `mail` says so.
 */
export async function createCoreDesk(
  t: Teardown,
  connections = 10,
  mail: MailSettings = { groupSeconds: 0 },
): Promise<CoreDesk> {
  const database = await createTestDatabase()
  const db = createDatabase(database.url, { max: connections, applicationName: 'core-desk' })
  t.teardown(async () => {
    await closeDatabase(db)
    await database.drop()
  })
  const clock = createTestClock()
  const dispatched: OutboxRow[] = []
  const core = createCore({
    db,
    clock,
    dispatch: (rows) => void dispatched.push(...rows),
    files: { quotaBytes: undefined, isScanned: false },
    mail: mail,
    link: (file) => `http://desk.test/${file.id}/${file.filename}`,
    auth: { secret: randomBytes(32).toString('hex'), refreshTokenDays: 7, passwords: { refuseCommon: true } },
  })
  const configuration = createConfigurationCache(db, clock, mail)
  const person: CoreDesk['person'] = (role, options) => createPerson(db, role, options)
  return {
    db,
    core,
    clock,
    dispatched,
    person,
    agents: async (many, options) => {
      const made: Actor[] = []
      for (let n = 0; n < many; n += 1) made.push(await person('Technical User', options))
      return made
    },
    ticket: async (actor, input) => {
      const wanted = { title: 'Screen is black', description: 'It was fine yesterday evening.', ...input }
      return (await core.tickets.create(actor, wanted)).id
    },
    assign: async (limit) => {
      const current = await configuration.get({ fresh: true })
      return db.transaction((tx) => assignWaiting(tx, current, clock, limit))
    },
    configuration: () => configuration.get({ fresh: true }),
    sweep: (limit) => db.transaction((tx) => sweepBatch(tx, configuration, clock.now(), limit)),
  }
}
