import { invalid } from '../shared/errors.ts'
import { isInstant } from '../shared/keyset.ts'
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

export function encodeCursor(cursor: Cursor): string {
  const { filter, sort, descending, key, id, newest, corrected } = cursor
  const more = newest === undefined && corrected === undefined ? [] : [newest ?? null, corrected ?? null]
  return Buffer.from(JSON.stringify([filter, sort, descending, key, id, ...more])).toString('base64url')
}

/**
 * Reads a cursor. The filter inside is never run: it is only compared with the request's.
 * @throws DomainError 400 for what this server did not make
 */
export function decodeCursor(text: string): Cursor {
  try {
    const bytes = Buffer.from(text, 'base64url')
    const [filter, sort, descending, key, id, newest = null, corrected = null, ...more] = JSON.parse(
      bytes.toString('utf8'),
    )
    const isWhole =
      // Decoding passes over what is no base64url, so that other texts would do too.
      bytes.toString('base64url') === text &&
      more.length === 0 &&
      typeof filter === 'object' &&
      filter !== null &&
      typeof sort === 'string' &&
      Object.hasOwn(KEY_CHECKS, sort) &&
      typeof descending === 'boolean' &&
      typeof key === 'string' &&
      KEY_CHECKS[sort as OrderKey](key) &&
      Number.isSafeInteger(id) &&
      (newest === null || Number.isSafeInteger(newest)) &&
      (corrected === null || isQuery(corrected))
    if (isWhole) {
      const walked = { filter, sort: sort as OrderKey, descending, key, id }
      return {
        ...walked,
        ...(newest === null ? {} : { newest }),
        ...(corrected === null ? {} : { corrected }),
      }
    }
  } catch {
    // Falls through to the one error for every way of being wrong.
  }
  throw invalid('cursor', 'is not a cursor of this list')
}

/** What PostgreSQL can take as text, and no longer than a search may be. */
const isQuery = (text: unknown) => typeof text === 'string' && text.length <= 1_000 && !text.includes('\0')

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
