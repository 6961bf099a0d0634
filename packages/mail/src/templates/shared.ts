import type { Block } from '../document.ts'
import type { TicketParams } from './params.ts'

// Enough to know what is said; the rest is one click away.
export const EXCERPT_LENGTH = 1200

/** The card of a ticket. */
export function ticketBlock({ ticketRef, title }: TicketParams, priority: string | null): Block {
  return { kind: 'ticket', ref: ticketRef, title, priority }
}

/** The button that leads to a ticket. */
export function openTicket({ ticketRef, url }: TicketParams): Block {
  return { kind: 'action', label: `Open ${ticketRef}`, url }
}

/** A subject that begins with the ticket's number, by which people sort and find their mail. */
export function ticketSubject({ ticketRef, title }: TicketParams, what: string): string {
  return `[${ticketRef}] ${what}: ${title}`
}

/** An instant for people, to the minute and with its zone: `21 Nov 2026, 14:30 UTC`. */
export function formatTime(instant: Date, timeZone = 'UTC'): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  })
  return format.format(instant)
}
