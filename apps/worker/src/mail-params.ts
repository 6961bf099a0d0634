import { MailRejected, type OutgoingMail, ticketRef } from '@servicedesk/core'
import type {
  AccountParams,
  MailTemplate,
  MailTemplates,
  Metric,
  Thing,
  ThingKind,
  Things,
  TicketParams,
} from '@servicedesk/mail'

type Stored = Readonly<Record<string, unknown>>

const text = (value: unknown) => (value === undefined || value === null ? '' : String(value))
const textOrNull = (value: unknown) => (value === undefined || value === null ? null : String(value))
const dateOrNull = (value: unknown) => (typeof value === 'string' ? new Date(value) : null)
const metric = (value: unknown): Metric => (value === 'first_response' ? 'first_response' : 'resolution')
const said = ({ actor, excerpt, internal }: Stored) => ({
  authorName: text(actor),
  text: text(excerpt),
  isInternal: internal === true,
})

/** From what a delivery stores of a thing to what a mail tells of it; a kind without a reader does not compile. */
const THINGS: { [K in ThingKind]: (stored: Stored) => Things[K] } = {
  new_message: said,
  mention: said,
  status_change: ({ actor, old_status, new_status }) => ({
    actorName: textOrNull(actor),
    oldStatus: text(old_status),
    newStatus: text(new_status),
  }),
  ticket_created: ({ requester, priority, category }) => ({
    requesterName: text(requester),
    priority: text(priority),
    category: text(category),
  }),
  assignment_copy: ({ assignee, priority, actor }) => ({
    assigneeName: text(assignee),
    priority: text(priority),
    actorName: textOrNull(actor),
  }),
  sla_warning: (stored) => ({
    metric: metric(stored.metric),
    dueAt: new Date(text(stored.due_at)),
    priority: text(stored.priority),
  }),
  file_rejected: ({ filename, uploader, signature, reason }) => ({
    filename: text(filename),
    uploaderName: text(uploader),
    signature: textOrNull(signature),
    reason: text(reason),
  }),
  alert: ({ heading, message }) => ({ heading: text(heading), message: text(message) }),
}

/** What every mail about a ticket says, from a delivery's stored params. */
function ticketParams(mail: OutgoingMail, webUrl: string): TicketParams {
  const id = mail.ticketId ?? 0
  return {
    recipientName: text(mail.params.recipient_name),
    ticketRef: ticketRef(id),
    title: text(mail.params.title),
    url: `${webUrl}/tickets/${id}`,
  }
}

/** The reader of a mail whose link leads to a page that takes its token. */
function account(page: string) {
  return (mail: OutgoingMail, webUrl: string): AccountParams => ({
    recipientName: text(mail.params.recipient_name),
    url: `${webUrl}/${page}?token=${text(mail.params.token)}`,
    expiresAt: new Date(text(mail.params.expires_at)),
  })
}

/** The reader of a mail that tells a single thing. */
function single<K extends ThingKind>(kind: K) {
  return (mail: OutgoingMail, webUrl: string): TicketParams & Things[K] => ({
    ...ticketParams(mail, webUrl),
    ...THINGS[kind](mail.params),
  })
}

/** What a group tells, oldest first. */
function itemsOf({ params }: OutgoingMail): { template: string; at: unknown; params: Stored }[] {
  return Array.isArray(params.items) ? params.items : []
}

function thingOf({ template, at, params }: { template: string; at: unknown; params: Stored }): Thing {
  if (!Object.hasOwn(THINGS, template)) throw new MailRejected(`a mail cannot tell of "${template}"`)
  const kind = template as ThingKind
  // The pair belongs together by construction; the compiler cannot follow it through the table.
  return { kind, at: dateOrNull(at), told: THINGS[kind](params) } as Thing
}

type Reader<T extends MailTemplate> = (mail: OutgoingMail, webUrl: string) => MailTemplates[T]

/** From what a delivery stores to what its template wants; a template without a reader does not compile. */
const READERS: { [T in MailTemplate]: Reader<T> } = {
  assignment: (mail, webUrl) => ({
    ...ticketParams(mail, webUrl),
    priority: text(mail.params.priority),
    actorName: textOrNull(mail.params.actor),
    dueAt: dateOrNull(mail.params.due_at),
  }),
  sla_violation: (mail, webUrl) => ({
    ...ticketParams(mail, webUrl),
    priority: text(mail.params.priority),
    metric: metric(mail.params.metric),
    dueAt: new Date(text(mail.params.due_at)),
    assigneeName: textOrNull(mail.params.assignee),
  }),
  escalation: (mail, webUrl) => ({
    ...ticketParams(mail, webUrl),
    priority: text(mail.params.priority),
    level: Number(mail.params.level),
    actorName: textOrNull(mail.params.actor),
    reason: text(mail.params.reason),
  }),
  waiting: (mail, webUrl) => ({
    ...ticketParams(mail, webUrl),
    priority: text(mail.params.priority),
    reason: text(mail.params.reason),
  }),
  new_message: (mail, webUrl) => ({
    ...ticketParams(mail, webUrl),
    messages: Array.isArray(mail.params.items)
      ? itemsOf(mail).map((item) => ({ ...said(item.params), at: dateOrNull(item.at) }))
      : [said(mail.params)],
    earlier: Number(mail.params.earlier ?? 0),
  }),
  mention: single('mention'),
  status_change: single('status_change'),
  ticket_created: single('ticket_created'),
  assignment_copy: single('assignment_copy'),
  sla_warning: single('sla_warning'),
  file_rejected: single('file_rejected'),
  alert: single('alert'),
  ticket_update: (mail, webUrl) => ({
    ...ticketParams(mail, webUrl),
    things: itemsOf(mail).map(thingOf),
    earlier: Number(mail.params.earlier ?? 0),
  }),
  ticket_notice: (mail, webUrl) => ({
    ...ticketParams(mail, webUrl),
    actorName: text(mail.params.actor),
    message: text(mail.params.message),
    subject: textOrNull(mail.params.subject) ?? undefined,
  }),
  system: (mail, webUrl) => ({
    recipientName: text(mail.params.recipient_name),
    heading: text(mail.params.heading),
    message: text(mail.params.message),
    url: webUrl,
  }),
  invitation: (mail, webUrl) => ({
    ...account('reset-password')(mail, webUrl),
    actorName: textOrNull(mail.params.actor),
  }),
  password_reset: account('reset-password'),
  verify_email: account('verify-email'),
}

/** The template of a mail. Throws MailRejected for one that this release does not have. */
export function templateOf({ template }: OutgoingMail): MailTemplate {
  if (!Object.hasOwn(READERS, template)) throw new MailRejected(`unknown mail template "${template}"`)
  return template as MailTemplate
}

/** What a template is told of a mail. Throws MailRejected for a group with something in it that this release cannot tell. */
export function paramsOf<T extends MailTemplate>(
  template: T,
  mail: OutgoingMail,
  webUrl: string,
): MailTemplates[T] {
  return READERS[template](mail, webUrl)
}
