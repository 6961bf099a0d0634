import type { MailDocument } from '../document.ts'
import { excerpt } from '../text.ts'
import type { MailTemplates } from './params.ts'
import { EXCERPT_LENGTH, ticketBlock, ticketMail } from './shared.ts'

export function escalation(params: MailTemplates['escalation']): MailDocument {
  const by = params.actorName === null ? 'automatically' : `by ${params.actorName}`
  return ticketMail(params, {
    preview: `Escalated ${by}.`,
    heading: 'A ticket was escalated to you',
    blocks: [
      { kind: 'paragraph', text: `This ticket was escalated ${by} to level ${params.level}.` },
      ticketBlock(params, params.priority),
      { kind: 'quote', label: 'Reason given', text: excerpt(params.reason, EXCERPT_LENGTH) },
    ],
    reason: 'You get this mail because escalated tickets of this kind come to you.',
  })
}
