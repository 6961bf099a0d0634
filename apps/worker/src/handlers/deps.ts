import type {
  Clock,
  createConfigurationCache,
  FileScanner,
  MailSender,
  Stores,
  ThumbnailMaker,
} from '@servicedesk/core'
import type { Database } from '@servicedesk/db/client'
import type { Sweep } from '@servicedesk/telemetry'

/** What handlers are given besides the job. */
export interface HandlerDeps {
  clock: Clock
  configuration: ReturnType<typeof createConfigurationCache>
  /** Where exports are read: a replica, perhaps. */
  reports: Database
  stores: Stores
  makeThumbnails: ThumbnailMaker
  /** Undefined where no scanner is configured. */
  scan: FileScanner | undefined
  sendMail: MailSender
  /** Is told what each sweep of the SLA clocks came to. */
  swept?: (sweep: Sweep) => void
}
