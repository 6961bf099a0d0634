import type { MailTemplate, MailTemplates } from '../../src/templates/params.ts'

const TICKET = {
  recipientName: 'Amara Okafor',
  ticketRef: 'TKT-1001',
  title: 'VPN drops every few minutes since the update on Monday',
  url: 'https://desk.example.com/tickets/1001',
}
const AT = new Date('2026-11-21T14:30:00Z')
const TOKEN_URL = 'https://desk.example.com/reset-password?token=Zk3v9w1b7cQ8s5y2m4n6p0r1t3u5w7x9z1A3B5C7D9E1'

/** Parameters for every template, as the workers would give them. */
export const SAMPLES: { [T in MailTemplate]: MailTemplates[T] } = {
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
      {
        authorName: 'Jonas Lindqvist',
        text: 'It happened again at 14:02.\n\nThe log says:\n  ERROR tun0: no reply',
      },
      { authorName: 'Jonas Lindqvist', text: 'Now it is gone altogether.' },
    ],
  },
  status_change: {
    ...TICKET,
    actorName: 'Lena Sommer',
    oldStatus: 'In Progress',
    newStatus: 'Resolved',
    comment: 'The gateway had an expired certificate; please connect again.',
  },
  file_rejected: {
    ...TICKET,
    filename: 'invoice.zip',
    uploaderName: 'Jonas Lindqvist',
    signature: 'Win.Test.EICAR_HDB-1',
    reason: 'It is quarantined; ask for another copy',
  },
  ticket_notice: {
    ...TICKET,
    actorName: 'Lena Sommer',
    subject: 'Maintenance tonight',
    message: 'We replace the gateway between 22:00 and 23:00.\nYou will be offline for about ten minutes.',
  },
  invitation: { recipientName: 'Amara Okafor', actorName: 'Lena Sommer', url: TOKEN_URL, expiresAt: AT },
  password_reset: { recipientName: 'Amara Okafor', url: TOKEN_URL, expiresAt: AT },
  verify_email: { recipientName: 'Amara Okafor', url: TOKEN_URL, expiresAt: AT },
}

export const TEMPLATES = Object.keys(SAMPLES) as MailTemplate[]
