import type { MailDocument } from '../document.ts'
import type { MailTemplates } from './params.ts'
import { formatTime, openTicket, ticketBlock, ticketSubject } from './shared.ts'

const METRICS = { first_response: 'first response', resolution: 'resolution' } as const

export function slaViolation(params: MailTemplates['sla_violation']): MailDocument {
  const metric = METRICS[params.metric]
  const due = formatTime(params.dueAt, params.timeZone)
  return {
    subject: ticketSubject(params, `SLA missed (${metric})`),
    preview: `The ${metric} was due at ${due}.`,
    heading: `SLA missed: ${metric}`,
    recipientName: params.recipientName,
    blocks: [
      { kind: 'paragraph', text: `The time allowed for the ${metric} of this ticket has run out.` },
      ticketBlock(params, params.priority),
      {
        kind: 'facts',
        rows: [
          ['Was due', due],
          ['Assigned to', params.assigneeName ?? 'nobody'],
        ],
      },
      openTicket(params),
    ],
    reason: 'You get this mail because the ticket is yours or you are a supervisor.',
  }
}
