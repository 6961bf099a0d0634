import type { MailDocument } from '../document.ts'
import { excerpt } from '../text.ts'
import type { MailTemplates } from './params.ts'
import { EXCERPT_LENGTH, openTicket, ticketBlock, ticketSubject } from './shared.ts'

export function newMessage(params: MailTemplates['new_message']): MailDocument {
  const authors = [...new Set(params.messages.map(({ authorName }) => authorName))].join(', ')
  const what = params.messages.length === 1 ? 'New message' : `${params.messages.length} new messages`
  return {
    subject: ticketSubject(params, what),
    preview: `${authors}: ${excerpt(params.messages.at(-1)?.text ?? '', 120)}`,
    heading: `${what} from ${authors}`,
    recipientName: params.recipientName,
    blocks: [
      ticketBlock(params, null),
      ...params.messages.map(
        ({ authorName, text }) =>
          ({ kind: 'quote', label: `${authorName} wrote`, text: excerpt(text, EXCERPT_LENGTH) }) as const,
      ),
      openTicket(params),
    ],
    reason: 'You get this mail because you take part in the ticket or watch it.',
  }
}
