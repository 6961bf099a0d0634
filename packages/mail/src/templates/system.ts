import type { MailDocument } from '../document.ts'
import { excerpt } from '../text.ts'
import type { MailTemplates } from './params.ts'
import { EXCERPT_LENGTH, PREVIEW_LENGTH } from './shared.ts'

export function system(params: MailTemplates['system']): MailDocument {
  const { heading, message, recipientName, url } = params
  return {
    subject: heading,
    preview: excerpt(message, PREVIEW_LENGTH),
    heading,
    recipientName,
    blocks: [
      { kind: 'quote', label: null, text: excerpt(message, EXCERPT_LENGTH) },
      { kind: 'action', label: 'Open the desk', url },
    ],
    reason: 'You get this mail because you are an admin of the desk and asked for such mail.',
    isOptional: true,
  }
}
