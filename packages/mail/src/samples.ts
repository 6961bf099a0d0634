import type { MailTemplate, MailTemplates } from './templates/params.ts'

const TICKET = {
  recipientName: 'Amara Okafor',
  ticketRef: 'TKT-1001',
  title: 'VPN drops every few minutes since the update on Monday',
  url: 'https://desk.example.com/tickets/1001',
}
const AT = new Date('2026-11-21T14:30:00Z')
const LATER = new Date('2026-11-21T14:31:00Z')
const TOKEN_URL = 'https://desk.example.com/reset-password?token=Zk3v9w1b7cQ8s5y2m4n6p0r1t3u5w7x9z1A3B5C7D9E1'
const STATUS = { actorName: 'Lena Sommer', oldStatus: 'In Progress', newStatus: 'Resolved' }
const INFECTED = {
  filename: 'invoice.zip',
  uploaderName: 'Jonas Lindqvist',
  signature: 'Win.Test.EICAR_HDB-1',
  reason: 'It is quarantined; ask for another copy',
}
const LOG = 'It happened again at 14:02.\n\nThe log says:\n  ERROR tun0: no reply'

/** Parameters for every template, as the workers would give them; a template without any does not compile. */
export const MAIL_SAMPLES: { [T in MailTemplate]: MailTemplates[T] } = {
  assignment: { ...TICKET, priority: 'High', actorName: 'Lena Sommer', dueAt: AT },
  sla_violation: {
    ...TICKET,
    priority: 'Critical',
    metric: 'first_response',
    dueAt: AT,
    assigneeName: 'Amara Okafor',
    timeZone: 'Europe/Berlin',
  },
  escalation: {
    ...TICKET,
    priority: 'Critical',
    level: 2,
    actorName: 'Lena Sommer',
    reason: 'The whole sales team is offline and the customer call starts at four.',
  },
  waiting: {
    ...TICKET,
    priority: 'Low',
    reason: 'No agent of team Facilities is available with capacity left',
  },
  new_message: {
    ...TICKET,
    messages: [
      { authorName: 'Jonas Lindqvist', text: LOG, at: AT },
      { authorName: 'Jonas Lindqvist', text: 'Now it is gone altogether.', at: LATER },
    ],
  },
  mention: {
    ...TICKET,
    authorName: 'Lena Sommer',
    text: '@Amara Okafor could you look at the gateway? Nobody knows its certificates better.',
    isInternal: true,
  },
  status_change: {
    ...TICKET,
    ...STATUS,
    comment: 'The gateway had an expired certificate; please connect again.',
  },
  ticket_created: { ...TICKET, requesterName: 'Jonas Lindqvist', priority: 'High', category: 'Network' },
  assignment_copy: { ...TICKET, assigneeName: 'Wei Zhang', priority: 'Medium', actorName: null },
  sla_warning: { ...TICKET, metric: 'resolution', dueAt: AT, priority: 'Medium', timeZone: 'Asia/Kolkata' },
  file_rejected: { ...TICKET, ...INFECTED },
  alert: {
    ...TICKET,
    heading: 'You watch TKT-1001 now',
    message: 'Lena Sommer added you to those who watch this ticket.',
  },
  ticket_update: {
    ...TICKET,
    things: [
      { kind: 'new_message', at: AT, told: { authorName: 'Jonas Lindqvist', text: LOG } },
      { kind: 'file_rejected', at: AT, told: INFECTED },
      { kind: 'status_change', at: LATER, told: STATUS },
      {
        kind: 'mention',
        at: LATER,
        told: { authorName: 'Lena Sommer', text: 'Thanks, @Amara Okafor!', isInternal: true },
      },
    ],
    earlier: 3,
  },
  ticket_notice: {
    ...TICKET,
    actorName: 'Lena Sommer',
    subject: 'Maintenance tonight',
    message: 'We replace the gateway between 22:00 and 23:00.\nYou will be offline for about ten minutes.',
  },
  system: {
    recipientName: 'Amara Okafor',
    heading: 'A job failed for good: thumbnail.make',
    message: 'The store is away. See GET /api/v1/admin/jobs/dead; it can be retried there.',
    url: 'https://desk.example.com',
  },
  invitation: { recipientName: 'Amara Okafor', actorName: 'Lena Sommer', url: TOKEN_URL, expiresAt: AT },
  password_reset: { recipientName: 'Amara Okafor', url: TOKEN_URL, expiresAt: AT },
  verify_email: { recipientName: 'Amara Okafor', url: TOKEN_URL, expiresAt: AT },
}

/** The desk of the samples. */
export const SAMPLE_BRAND = {
  productName: 'ServiceDesk',
  preferencesUrl: 'https://desk.example.com/settings/notifications',
}
