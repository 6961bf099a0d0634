import { invalid } from '../shared/errors.ts'
import { isInstant } from '../shared/keyset.ts'
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
    const bytes = Buffer.from(text, 'base64url')
    const [filter, sort, descending, key, id] = JSON.parse(bytes.toString('utf8'))
    const isWhole =
      // Decoding passes over what is no base64url, so that other texts would do too.
      bytes.toString('base64url') === text &&
      typeof filter === 'object' &&
      filter !== null &&
      typeof sort === 'string' &&
      Object.hasOwn(KEY_CHECKS, sort) &&
      typeof descending === 'boolean' &&
      typeof key === 'string' &&
      KEY_CHECKS[sort as OrderKey](key) &&
      Number.isSafeInteger(id)
    if (isWhole) return { filter, sort: sort as OrderKey, descending, key, id }
  } catch {
    // Falls through to the one error for every way of being wrong.
  }
  throw invalid('cursor', 'is not a cursor of this list')
}

/** What each sort key can be: PostgreSQL casts it back, and must never fail on a forged one. */
const KEY_CHECKS: Record<OrderKey, (key: string) => boolean> = {
  created_at: isInstant,
  updated_at: isInstant,
  due_at: (key) => key === 'infinity' || isInstant(key),
  priority: (key) => /^-?\d{1,9}$/.test(key),
  // ts_rank is a `real`, a small one.
  rank: (key) => /^\d(?:\.\d{1,20})?(?:e-(?:[12]?\d|3[0-7]))?$/.test(key),
}

/** Same members with the same values, whatever their order. */
export function sameFilter(a: TicketFilter, b: TicketFilter): boolean {
  const canonical = (filter: TicketFilter) =>
    JSON.stringify(Object.entries(filter).sort(([x], [y]) => (x < y ? -1 : 1)))
  return canonical(a) === canonical(b)
}
