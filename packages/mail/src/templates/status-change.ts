import type { MailDocument } from '../document.ts'
import { excerpt } from '../text.ts'
import type { MailTemplates } from './params.ts'
import { EXCERPT_LENGTH, openTicket, ticketBlock, ticketSubject } from './shared.ts'

export function statusChange(params: MailTemplates['status_change']): MailDocument {
  const { actorName, oldStatus, newStatus, comment } = params
  return {
    subject: ticketSubject(params, newStatus),
    preview: `The ticket went from ${oldStatus} to ${newStatus}.`,
    heading: `${params.ticketRef} is now ${newStatus}`,
    recipientName: params.recipientName,
    blocks: [
      ticketBlock(params, null),
      {
        kind: 'facts',
        rows: [
          ['Status', `${oldStatus} → ${newStatus}`],
          ...(actorName === null ? [] : [['Changed by', actorName] as const]),
        ],
      },
      ...(comment
        ? [
            {
              kind: 'quote',
              label: actorName === null ? 'Comment' : `${actorName} wrote`,
              text: excerpt(comment, EXCERPT_LENGTH),
            } as const,
          ]
        : []),
      openTicket(params),
    ],
    reason: 'You get this mail because you opened the ticket or watch it.',
  }
}
