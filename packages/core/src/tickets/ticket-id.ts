import { invalid } from '../shared/errors.ts'

/** How people name a ticket: `TKT-1001`. */
export function ticketRef(id: number): string {
  return `TKT-${id}`
}

/**
 * Reads a ticket's id as a number, a decimal string or `TKT-<id>`.
 * @throws DomainError 400 for anything else
 */
export function parseTicketId(value: number | string, path = 'ticket_id'): number {
  const match = /^(?:TKT-)?([1-9]\d{0,14})$/i.exec(String(value).trim())
  if (match?.[1] === undefined) throw invalid(path, 'must be a ticket id such as 1001 or TKT-1001')
  return Number(match[1])
}
