import type { MailDocument } from '../document.ts'
import { excerpt } from '../text.ts'
import type { MailTemplates } from './params.ts'
import { openTicket, ticketBlock, ticketSubject } from './shared.ts'

export function ticketNotice(params: MailTemplates['ticket_notice']): MailDocument {
  const { actorName, message, subject } = params
  return {
    subject: subject ? `[${params.ticketRef}] ${subject}` : ticketSubject(params, 'A note on the ticket'),
    preview: `${actorName}: ${excerpt(message, 120)}`,
    heading: subject || `A note on ${params.ticketRef}`,
    recipientName: params.recipientName,
    blocks: [
      ticketBlock(params, null),
      { kind: 'quote', label: `${actorName} wrote`, text: message },
      openTicket(params),
    ],
    reason: 'You get this mail because you opened the ticket or watch it.',
  }
}
