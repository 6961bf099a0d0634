import type { Core, LinkMaker } from '@servicedesk/core'
import type { Database } from '@servicedesk/db/client'
import type { Stores } from '@servicedesk/files'
import type { Dispatch, Queues, RedisClient } from '@servicedesk/jobs'
import type { ChangeBus, LeaseTimes } from '@servicedesk/realtime'
import type { Registry } from 'prom-client'
import type { ApiConfig } from '../config.ts'

/** What the routes and plugins are built from. */
export interface RouteDeps {
  config: ApiConfig
  core: Core
  db: Database
  /** Where figures and exports are read, if that is not `db`. */
  reports?: Database | undefined
  redis: RedisClient
  queues: Queues
  stores: Stores
  dispatch: Dispatch
  link: LinkMaker
  /** Where changes are heard of; absent for an API without sockets. */
  changes?: ChangeBus | undefined
  /** Shorter ones for tests, in milliseconds: of presence, of its grace, and of typing that ends by itself. */
  realtimeTimes?: RealtimeTimes | undefined
  /** Where /metrics comes from; what is not a plugin's counts into it too. */
  registry?: Registry
}

export interface RealtimeTimes {
  leases?: Partial<LeaseTimes>
  graceMs?: number
  typingMs?: number
}
