import type { MailDocument, RenderedMail } from './document.ts'
import { renderHtml } from './render-html.ts'
import { renderText } from './render-text.ts'
import { invitation, passwordReset, verifyEmail } from './templates/account.ts'
import { assignment } from './templates/assignment.ts'
import { escalation } from './templates/escalation.ts'
import { fileRejected } from './templates/file-rejected.ts'
import { newMessage } from './templates/new-message.ts'
import type { MailTemplate, MailTemplates } from './templates/params.ts'
import { slaViolation } from './templates/sla-violation.ts'
import { statusChange } from './templates/status-change.ts'
import { ticketNotice } from './templates/ticket-notice.ts'
import { waiting } from './templates/waiting.ts'
import { excerpt, oneLine } from './text.ts'

// A template that is missing here does not compile.
const WRITERS: { [T in MailTemplate]: (params: MailTemplates[T]) => MailDocument } = {
  assignment,
  sla_violation: slaViolation,
  escalation,
  waiting,
  new_message: newMessage,
  status_change: statusChange,
  file_rejected: fileRejected,
  ticket_notice: ticketNotice,
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
export function renderMail<T extends MailTemplate>(template: T, params: MailTemplates[T]): RenderedMail {
  const document = WRITERS[template](params)
  const subject = excerpt(oneLine(document.subject), SUBJECT_LENGTH)
  const titled = { ...document, subject }
  return { subject, text: renderText(titled), html: renderHtml(titled) }
}
