import { invalid } from '../shared/errors.ts'
import type { OrderKey, TicketFilter } from './list-query.ts'

/** Where a walk through a list stands, with the filter and order it began with. */
export interface Cursor {
  filter: TicketFilter
  sort: OrderKey
  descending: boolean
  key: string
  id: number
}

export function encodeCursor(cursor: Cursor): string {
  const { filter, sort, descending, key, id } = cursor
  return Buffer.from(JSON.stringify([filter, sort, descending, key, id])).toString('base64url')
}

/**
 * Reads a cursor. The filter inside is never run: it is only compared with the request's.
 * @throws DomainError 400 for what this server did not make
 */
export function decodeCursor(text: string): Cursor {
  try {
    const [filter, sort, descending, key, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    const isWhole =
      typeof filter === 'object' &&
      filter !== null &&
      ['created_at', 'updated_at', 'priority', 'due_at', 'rank'].includes(sort) &&
      typeof descending === 'boolean' &&
      typeof key === 'string' &&
      KEY_SHAPE.test(key) &&
      Number.isSafeInteger(id)
    if (isWhole) return { filter, sort, descending, key, id }
  } catch {
    // Falls through to the one error for every way of being wrong.
  }
  throw invalid('cursor', 'is not a cursor of this list')
}

/** A number, an instant as PostgreSQL writes it, or infinity: what a sort key can be. */
const KEY_SHAPE = /^(?:-?\d+(?:\.\d+)?(?:e[-+]?\d+)?|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\+00|infinity)$/

/** Same members with the same values, whatever their order. */
export function sameFilter(a: TicketFilter, b: TicketFilter): boolean {
  const canonical = (filter: TicketFilter) =>
    JSON.stringify(Object.entries(filter).sort(([x], [y]) => (x < y ? -1 : 1)))
  return canonical(a) === canonical(b)
}
