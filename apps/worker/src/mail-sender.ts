import { MailRejected, type MailSender, type OutgoingMail, ticketRef } from '@servicedesk/core'
import {
  type Mailer,
  MailRefused,
  type MailTemplate,
  type MailTemplates,
  mailHeaders,
  messageId,
  type RenderedMail,
  renderMail,
} from '@servicedesk/mail'

export interface MailAddresses {
  /** Where people read tickets. */
  webUrl: string
  /** The right side of Message-IDs. */
  domain: string
}

const text = (value: unknown) => (value === undefined || value === null ? '' : String(value))
const textOrNull = (value: unknown) => (value === undefined || value === null ? null : String(value))

const dateOrNull = (value: unknown) => (typeof value === 'string' ? new Date(value) : null)

/** What every mail about a ticket says, from a delivery's stored params. */
function ticketParams(mail: OutgoingMail, addresses: MailAddresses) {
  const id = mail.ticketId ?? 0
  return {
    recipientName: text(mail.params.recipient_name),
    ticketRef: ticketRef(id),
    title: text(mail.params.title),
    url: `${addresses.webUrl}/tickets/${id}`,
  }
}

function accountParams(mail: OutgoingMail, addresses: MailAddresses) {
  return {
    recipientName: text(mail.params.recipient_name),
    url: `${addresses.webUrl}/reset-password?token=${text(mail.params.token)}`,
    expiresAt: new Date(text(mail.params.expires_at)),
  }
}

type Reader<T extends MailTemplate> = (mail: OutgoingMail, addresses: MailAddresses) => MailTemplates[T]

/** From what a delivery stores to what its template wants; a template without a reader does not compile. */
const READERS: { [T in MailTemplate]: Reader<T> } = {
  assignment: (mail, to) => ({
    ...ticketParams(mail, to),
    priority: text(mail.params.priority),
    actorName: textOrNull(mail.params.actor),
    dueAt: dateOrNull(mail.params.due_at),
  }),
  sla_violation: (mail, to) => ({
    ...ticketParams(mail, to),
    priority: text(mail.params.priority),
    metric: mail.params.metric === 'first_response' ? 'first_response' : 'resolution',
    dueAt: new Date(text(mail.params.due_at)),
    assigneeName: textOrNull(mail.params.assignee),
  }),
  escalation: (mail, to) => ({
    ...ticketParams(mail, to),
    priority: text(mail.params.priority),
    level: Number(mail.params.level),
    actorName: textOrNull(mail.params.actor),
    reason: text(mail.params.reason),
  }),
  waiting: (mail, to) => ({
    ...ticketParams(mail, to),
    priority: text(mail.params.priority),
    reason: text(mail.params.reason),
  }),
  new_message: (mail, to) => ({
    ...ticketParams(mail, to),
    messages: [{ authorName: text(mail.params.actor), text: text(mail.params.excerpt) }],
  }),
  status_change: (mail, to) => ({
    ...ticketParams(mail, to),
    actorName: textOrNull(mail.params.actor),
    oldStatus: text(mail.params.old_status),
    newStatus: text(mail.params.new_status),
  }),
  file_rejected: (mail, to) => ({
    ...ticketParams(mail, to),
    filename: text(mail.params.filename),
    uploaderName: text(mail.params.uploader),
    signature: textOrNull(mail.params.signature),
    reason: text(mail.params.reason),
  }),
  ticket_notice: (mail, to) => ({
    ...ticketParams(mail, to),
    actorName: text(mail.params.actor),
    message: text(mail.params.message),
  }),
  invitation: (mail, to) => ({ ...accountParams(mail, to), actorName: textOrNull(mail.params.actor) }),
  password_reset: accountParams,
  verify_email: accountParams,
}

function render(mail: OutgoingMail, addresses: MailAddresses): RenderedMail {
  if (!Object.hasOwn(READERS, mail.template))
    throw new MailRejected(`unknown mail template "${mail.template}"`)
  const template = mail.template as MailTemplate
  // The pair belongs together by construction; the compiler cannot follow it through the table.
  const params = READERS[template](mail, addresses) as MailTemplates[typeof template]
  return renderMail(template, params)
}

/** Renders a delivery and hands it to the mail server, under a Message-ID that a second try repeats. */
export function createMailSender(mailer: Mailer, addresses: MailAddresses): MailSender {
  return async (mail) => {
    const { domain } = addresses
    try {
      await mailer.send({
        ...render(mail, addresses),
        to: mail.to,
        messageId: messageId(mail.deliveryId, domain),
        headers: mailHeaders({
          domain,
          ...(mail.ticketId === null ? {} : { ticketRef: ticketRef(mail.ticketId) }),
        }),
      })
    } catch (error) {
      if (error instanceof MailRefused) throw new MailRejected(error.message)
      throw error
    }
  }
}
