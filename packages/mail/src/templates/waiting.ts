import type { MailDocument } from '../document.ts'
import { excerpt } from '../text.ts'
import type { MailTemplates } from './params.ts'
import { EXCERPT_LENGTH, PREVIEW_LENGTH, ticketBlock, ticketMail } from './shared.ts'

export function waiting(params: MailTemplates['waiting']): MailDocument {
  return ticketMail(params, {
    preview: excerpt(params.reason, PREVIEW_LENGTH),
    heading: 'A ticket waits for an agent',
    blocks: [
      { kind: 'paragraph', text: 'Nobody can take this ticket now. It is assigned as soon as somebody can.' },
      ticketBlock(params, params.priority),
      { kind: 'quote', label: 'Why it waits', text: excerpt(params.reason, EXCERPT_LENGTH) },
    ],
    reason: 'You get this mail because you are a supervisor of the desk.',
  })
}
