import type { Brand, MailDocument, RenderedMail } from './document.ts'
import { renderHtml } from './render-html.ts'
import { renderText } from './render-text.ts'
import { invitation, passwordReset, verifyEmail } from './templates/account.ts'
import { assignment } from './templates/assignment.ts'
import { escalation } from './templates/escalation.ts'
import type { MailTemplate, MailTemplates } from './templates/params.ts'
import { slaViolation } from './templates/sla-violation.ts'
import { system } from './templates/system.ts'
import { ticketNotice } from './templates/ticket-notice.ts'
import { newMessage, single, ticketUpdate } from './templates/ticket-update.ts'
import { waiting } from './templates/waiting.ts'
import { excerpt, oneLine } from './text.ts'

// A template that is missing here does not compile.
const WRITERS: { [T in MailTemplate]: (params: MailTemplates[T], brand: Brand) => MailDocument } = {
  assignment,
  sla_violation: slaViolation,
  escalation,
  waiting,
  new_message: newMessage,
  mention: (params) => single('mention', params),
  status_change: (params) => single('status_change', params),
  ticket_created: (params) => single('ticket_created', params),
  assignment_copy: (params) => single('assignment_copy', params),
  sla_warning: (params) => single('sla_warning', params),
  file_rejected: (params) => single('file_rejected', params),
  alert: (params) => single('alert', params),
  ticket_update: ticketUpdate,
  ticket_notice: ticketNotice,
  system,
  invitation,
  password_reset: passwordReset,
  verify_email: verifyEmail,
}

const SUBJECT_LENGTH = 200

/**
 * Writes a mail. People's words in `params` may be anything: they are escaped in the HTML, and lines that they
 * must not have are closed. Throws TypeError when an address is not http or https, RangeError for an unknown
 * time zone.
 */
export function renderMail<T extends MailTemplate>(
  template: T,
  params: MailTemplates[T],
  brand: Brand,
): RenderedMail {
  const document = WRITERS[template](params, brand)
  const subject = excerpt(oneLine(document.subject), SUBJECT_LENGTH)
  const titled = { ...document, subject }
  return { subject, text: renderText(titled, brand), html: renderHtml(titled, brand) }
}

/** Every template's name. */
export const MAIL_TEMPLATES = Object.keys(WRITERS) as MailTemplate[]
