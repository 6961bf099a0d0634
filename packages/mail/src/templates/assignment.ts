import type { MailDocument } from '../document.ts'
import type { MailTemplates } from './params.ts'
import { formatTime, openTicket, ticketBlock, ticketSubject } from './shared.ts'

export function assignment(params: MailTemplates['assignment']): MailDocument {
  const { actorName, dueAt, timeZone } = params
  const by = actorName === null ? 'assigned to you automatically' : `assigned to you by ${actorName}`
  return {
    subject: ticketSubject(params, 'Assigned to you'),
    preview: `${params.priority} priority, ${by}.`,
    heading: 'A ticket for you',
    recipientName: params.recipientName,
    blocks: [
      { kind: 'paragraph', text: `This ticket was ${by}.` },
      ticketBlock(params, params.priority),
      ...(dueAt ? [{ kind: 'facts', rows: [['Resolve by', formatTime(dueAt, timeZone)]] } as const] : []),
      openTicket(params),
    ],
    reason: 'You get this mail because the ticket is now yours.',
  }
}
