import type { Core, LinkMaker } from '@servicedesk/core'
import type { Database } from '@servicedesk/db/client'
import type { Stores } from '@servicedesk/files'
import type { Dispatch, Queues, RedisClient } from '@servicedesk/jobs'
import type { Registry } from 'prom-client'
import type { ApiConfig } from '../config.ts'

/** What the routes and plugins are built from. */
export interface RouteDeps {
  config: ApiConfig
  core: Core
  db: Database
  redis: RedisClient
  queues: Queues
  stores: Stores
  dispatch: Dispatch
  link: LinkMaker
  /** Where /metrics comes from; what is not a plugin's counts into it too. */
  registry?: Registry
}
