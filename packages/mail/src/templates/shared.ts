import type { Block, MailDocument } from '../document.ts'
import type { Metric, TicketParams } from './params.ts'

// Enough to know what is said; the rest is one click away.
export const EXCERPT_LENGTH = 1200

/** What mail programs show of a message in their list. */
export const PREVIEW_LENGTH = 120

/** What a mail about a ticket says beside what all of them do. */
type TicketMail = Pick<MailDocument, 'preview' | 'heading' | 'blocks' | 'reason'>

/**
 * A mail about a ticket. Its subject says which, and is the same for all that the desk writes: some mail programs take one
 * with another subject out of its thread. What happened is in the heading and the preview.
 */
export function ticketMail(params: TicketParams, { blocks, ...rest }: TicketMail): MailDocument {
  return {
    subject: `[${params.ticketRef}] ${params.title}`,
    recipientName: params.recipientName,
    ...rest,
    blocks: [...blocks, openTicket(params)],
    isOptional: true,
  }
}

/** The card of a ticket. */
export function ticketBlock({ ticketRef, title }: TicketParams, priority: string | null): Block {
  return { kind: 'ticket', ref: ticketRef, title, priority }
}

/** The button that leads to a ticket. */
function openTicket({ ticketRef, url }: TicketParams): Block {
  return { kind: 'action', label: `Open ${ticketRef}`, url }
}

const METRICS = { first_response: 'first response', resolution: 'resolution' } as const

/** What people call a metric. */
export function metricName(metric: Metric): string {
  return METRICS[metric]
}

/** One a zone: making one takes longer than all the rest of a mail. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  })
  formats.set(timeZone, made)
  return made
}

/** An instant for people, to the minute and with its zone: `21 Nov 2026, 14:30 UTC`. */
export function formatTime(instant: Date, timeZone = 'UTC'): string {
  return formatOf(timeZone).format(instant)
}
