import type { MailDocument } from '../document.ts'
import { excerpt } from '../text.ts'
import type { MailTemplates } from './params.ts'
import { EXCERPT_LENGTH, openTicket, ticketBlock, ticketSubject } from './shared.ts'

export function waiting(params: MailTemplates['waiting']): MailDocument {
  return {
    subject: ticketSubject(params, 'Waits for an agent'),
    preview: params.reason,
    heading: 'A ticket waits for an agent',
    recipientName: params.recipientName,
    blocks: [
      { kind: 'paragraph', text: 'Nobody can take this ticket now. It is assigned as soon as somebody can.' },
      ticketBlock(params, params.priority),
      { kind: 'quote', label: 'Why it waits', text: excerpt(params.reason, EXCERPT_LENGTH) },
      openTicket(params),
    ],
    reason: 'You get this mail because you are a supervisor of the desk.',
  }
}
