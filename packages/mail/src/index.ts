export type { Brand, RenderedMail } from './document.ts'
export { type HeaderOptions, mailHeaders, messageId } from './headers.ts'
export { MAIL_TEMPLATES, renderMail } from './render.ts'
export type {
  AccountParams,
  MailTemplate,
  MailTemplates,
  Metric,
  Said,
  Thing,
  ThingKind,
  Things,
  TicketParams,
} from './templates/params.ts'
export {
  createMailer,
  type Mailer,
  type MailerOptions,
  MailRefused,
  type MailTimeouts,
  type OutgoingMail,
} from './transport.ts'
