import type { MailDocument } from '../document.ts'
import type { MailTemplates } from './params.ts'
import { formatTime, ticketBlock, ticketMail } from './shared.ts'

export function assignment(params: MailTemplates['assignment']): MailDocument {
  const { actorName, dueAt, timeZone } = params
  const by = actorName === null ? 'assigned to you automatically' : `assigned to you by ${actorName}`
  return ticketMail(params, {
    preview: `${params.priority} priority, ${by}.`,
    heading: 'A ticket for you',
    blocks: [
      { kind: 'paragraph', text: `This ticket was ${by}.` },
      ticketBlock(params, params.priority),
      ...(dueAt ? [{ kind: 'facts', rows: [['Resolve by', formatTime(dueAt, timeZone)]] } as const] : []),
    ],
    reason: 'You get this mail because the ticket is now yours.',
  })
}
