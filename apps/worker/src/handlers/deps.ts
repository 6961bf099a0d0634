import type {
  Clock,
  createConfigurationCache,
  FileStore,
  MailSender,
  ThumbnailMaker,
} from '@servicedesk/core'

/** What handlers are given besides the job. */
export interface HandlerDeps {
  clock: Clock
  configuration: ReturnType<typeof createConfigurationCache>
  store: FileStore
  makeThumbnails: ThumbnailMaker
  sendMail: MailSender
}
