/** Every mail about a ticket knows these. */
export interface TicketParams {
  recipientName: string
  /** `TKT-1001` */
  ticketRef: string
  title: string
  /** The ticket's address for people. */
  url: string
}

/** Every mail about an account knows these. */
export interface AccountParams {
  recipientName: string
  /** The address with the one-time token in it. */
  url: string
  expiresAt: Date
  timeZone?: string | undefined
}

/** IANA zone that times are written in; UTC when absent. */
export interface Zoned {
  timeZone?: string | undefined
}

/** What somebody wrote. */
export interface Said {
  authorName: string
  text: string
  /** A note among staff. */
  isInternal?: boolean | undefined
}

/**
 * What happened on a ticket, as mails tell those who follow it: alone or with what else happened. Names of people are
 * null where no person did it.
 */
export interface Things {
  new_message: Said
  /** The recipient is named in it. */
  mention: Said
  status_change: {
    actorName: string | null
    oldStatus: string
    newStatus: string
    comment?: string | undefined
  }
  ticket_created: { requesterName: string; priority: string; category: string }
  /** Somebody else was given the ticket. */
  assignment_copy: { assigneeName: string; priority: string; actorName: string | null }
  sla_warning: { metric: Metric; dueAt: Date; priority: string }
  /** `signature` is what the scanner found; null where it could not look. */
  file_rejected: { filename: string; uploaderName: string; signature: string | null; reason: string }
  /** Anything else, in the words of its alert. */
  alert: { heading: string; message: string }
}

export type ThingKind = keyof Things
export type Metric = 'first_response' | 'resolution'

/** One of several things in a mail. */
export type Thing = { [K in ThingKind]: { kind: K; at: Date | null; told: Things[K] } }[ThingKind]

/** One of several messages, and when it was written. */
type Message = Said & { at?: Date | null | undefined }

/** A mail that tells a single thing. */
type Single<K extends ThingKind> = TicketParams & Zoned & Things[K]

/** What each template wants to be told. Names of people are null where no person did it. */
export interface MailTemplates {
  /** To the new assignee. `dueAt`: when the ticket must be resolved. */
  assignment: TicketParams & Zoned & { priority: string; actorName: string | null; dueAt: Date | null }
  /** To the assignee and the supervisors. */
  sla_violation: TicketParams &
    Zoned & { priority: string; metric: Metric; dueAt: Date; assigneeName: string | null }
  /** To whom the ticket was escalated. `level` counts from 1. */
  escalation: TicketParams & { priority: string; level: number; actorName: string | null; reason: string }
  /** To the supervisors, when no agent can take a ticket. */
  waiting: TicketParams & { priority: string; reason: string }
  /** To the other side and the watchers; several messages when they were grouped, oldest first. */
  new_message: TicketParams & Zoned & { messages: readonly Message[]; earlier?: number | undefined }
  mention: Single<'mention'>
  /** To the requester and the watchers. */
  status_change: Single<'status_change'>
  /** To supervisors. */
  ticket_created: Single<'ticket_created'>
  assignment_copy: Single<'assignment_copy'>
  /** To the assignee. */
  sla_warning: Single<'sla_warning'>
  /** To the uploader and the supervisors. */
  file_rejected: Single<'file_rejected'>
  alert: Single<'alert'>
  /** Several things that happened on a ticket, oldest first, and how many more there were before them. */
  ticket_update: TicketParams & Zoned & { things: readonly Thing[]; earlier: number }
  /** What staff write to the requester and the watchers in their own words. */
  ticket_notice: TicketParams & { actorName: string; subject?: string | undefined; message: string }
  /** To admins, about the desk itself. */
  system: { recipientName: string; heading: string; message: string; url: string }
  /** To a user whom an admin has made: the link sets the first password. */
  invitation: AccountParams & { actorName: string | null }
  password_reset: AccountParams
  verify_email: AccountParams
}

export type MailTemplate = keyof MailTemplates
