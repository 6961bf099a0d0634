import type { CursorSeal } from '../shared/seal.ts'
import type { TicketSort } from './list-order.ts'
import type { TicketFilter } from './ticket-filter.ts'

export type OrderKey = TicketSort | 'rank'

/** Where a walk through a list stands, with the filter and order it began with. */
export interface Cursor {
  filter: TicketFilter
  sort: OrderKey
  descending: boolean
  key: string
  id: number
  /** The newest match when a ranked walk began: what comes later would push others out of those that are ranked. */
  newest?: number | undefined
  /** What is searched for instead of what was typed. */
  corrected?: string | undefined
}

/** Names the shape of what is sealed, too: another one gets another name. */
const LIST = 'tickets'

export function encodeCursor(seal: CursorSeal, cursor: Cursor): string {
  return seal.seal(LIST, cursor)
}

/** Reads a cursor. @throws DomainError 400 for what this desk did not make */
export function decodeCursor(seal: CursorSeal, text: string): Cursor {
  return seal.open(LIST, text) as Cursor
}

/** Same members with the same values, whatever their order. */
export function sameFilter(a: TicketFilter, b: TicketFilter): boolean {
  const canonical = (filter: TicketFilter) =>
    JSON.stringify(Object.entries(filter).sort(([x], [y]) => (x < y ? -1 : 1)))
  return canonical(a) === canonical(b)
}
