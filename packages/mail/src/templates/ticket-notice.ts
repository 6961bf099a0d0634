import type { MailDocument } from '../document.ts'
import { excerpt } from '../text.ts'
import type { MailTemplates } from './params.ts'
import { PREVIEW_LENGTH, ticketBlock, ticketMail } from './shared.ts'

export function ticketNotice(params: MailTemplates['ticket_notice']): MailDocument {
  const { actorName, message, subject } = params
  const mail = ticketMail(params, {
    preview: `${actorName}: ${excerpt(message, PREVIEW_LENGTH)}`,
    heading: subject || `A note on ${params.ticketRef}`,
    blocks: [ticketBlock(params, null), { kind: 'quote', label: `${actorName} wrote`, text: message }],
    reason: 'You get this mail because you opened the ticket or watch it.',
  })
  // Whoever writes by hand means to be read by their own subject; the headers keep it in the ticket's thread.
  return subject ? { ...mail, subject: `[${params.ticketRef}] ${subject}` } : mail
}
