export type { RenderedMail } from './document.ts'
export { type HeaderOptions, mailHeaders, messageId } from './headers.ts'
export { renderMail } from './render.ts'
export type { AccountParams, MailTemplate, MailTemplates, TicketParams } from './templates/params.ts'
export {
  createMailer,
  type Mailer,
  type MailerOptions,
  MailRefused,
  type MailTimeouts,
  type OutgoingMail,
} from './transport.ts'
