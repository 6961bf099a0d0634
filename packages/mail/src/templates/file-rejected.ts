import type { MailDocument } from '../document.ts'
import { excerpt } from '../text.ts'
import type { MailTemplates } from './params.ts'
import { EXCERPT_LENGTH, openTicket, ticketBlock, ticketSubject } from './shared.ts'

export function fileRejected(params: MailTemplates['file_rejected']): MailDocument {
  const { filename, uploaderName, signature, reason } = params
  return {
    subject: ticketSubject(params, signature === null ? 'File not accepted' : 'Infected file'),
    preview: `${filename}: ${reason}`,
    heading: signature === null ? 'A file could not be scanned' : 'A file is infected',
    recipientName: params.recipientName,
    blocks: [
      { kind: 'paragraph', text: 'Nobody can open or download this file.' },
      {
        kind: 'facts',
        rows: [
          ['File', filename],
          ['Uploaded by', uploaderName],
          ...(signature === null ? [] : [['Found', signature] as const]),
        ],
      },
      { kind: 'quote', label: 'Why', text: excerpt(reason, EXCERPT_LENGTH) },
      ticketBlock(params, null),
      openTicket(params),
    ],
    reason: 'You get this mail because you uploaded the file or are a supervisor of the desk.',
  }
}
