import type { MailDocument } from '../document.ts'
import { excerpt } from '../text.ts'
import type { MailTemplates } from './params.ts'
import { EXCERPT_LENGTH, openTicket, ticketBlock, ticketSubject } from './shared.ts'

export function escalation(params: MailTemplates['escalation']): MailDocument {
  const by = params.actorName === null ? 'automatically' : `by ${params.actorName}`
  return {
    subject: ticketSubject(params, `Escalated to level ${params.level}`),
    preview: `Escalated ${by}.`,
    heading: 'A ticket was escalated to you',
    recipientName: params.recipientName,
    blocks: [
      { kind: 'paragraph', text: `This ticket was escalated ${by} to level ${params.level}.` },
      ticketBlock(params, params.priority),
      { kind: 'quote', label: 'Reason given', text: excerpt(params.reason, EXCERPT_LENGTH) },
      openTicket(params),
    ],
    reason: 'You get this mail because escalated tickets of this kind come to you.',
  }
}
