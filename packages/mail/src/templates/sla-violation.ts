import type { MailDocument } from '../document.ts'
import type { MailTemplates } from './params.ts'
import { formatTime, metricName, ticketBlock, ticketMail } from './shared.ts'

export function slaViolation(params: MailTemplates['sla_violation']): MailDocument {
  const metric = metricName(params.metric)
  const due = formatTime(params.dueAt, params.timeZone)
  return ticketMail(params, {
    preview: `The ${metric} was due at ${due}.`,
    heading: `SLA missed: ${metric}`,
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
    ],
    reason: 'You get this mail because the ticket is yours or you are a supervisor.',
  })
}
