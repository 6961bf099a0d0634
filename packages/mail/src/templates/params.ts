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

/** What each template wants to be told. Names of people are null where no person did it. */
export interface MailTemplates {
  /** To the new assignee. `dueAt`: when the ticket must be resolved. */
  assignment: TicketParams & Zoned & { priority: string; actorName: string | null; dueAt: Date | null }
  /** To the assignee and the supervisors. */
  sla_violation: TicketParams &
    Zoned & {
      priority: string
      metric: 'first_response' | 'resolution'
      dueAt: Date
      assigneeName: string | null
    }
  /** To whom the ticket was escalated. `level` counts from 1. */
  escalation: TicketParams & { priority: string; level: number; actorName: string | null; reason: string }
  /** To the supervisors, when no agent can take a ticket. */
  waiting: TicketParams & { priority: string; reason: string }
  /** To the other side and the watchers; several messages when they were grouped, oldest first. */
  new_message: TicketParams & { messages: readonly { authorName: string; text: string }[] }
  /** To the requester and the watchers. */
  status_change: TicketParams & {
    actorName: string | null
    oldStatus: string
    newStatus: string
    comment?: string | undefined
  }
  /** To the uploader and the supervisors. `signature` is what the scanner found; null where it could not look. */
  file_rejected: TicketParams & {
    filename: string
    uploaderName: string
    signature: string | null
    reason: string
  }
  /** What staff write to the requester and the watchers in their own words. */
  ticket_notice: TicketParams & { actorName: string; subject?: string | undefined; message: string }
  /** To a user whom an admin has made: the link sets the first password. */
  invitation: AccountParams & { actorName: string | null }
  password_reset: AccountParams
  verify_email: AccountParams
}

export type MailTemplate = keyof MailTemplates
