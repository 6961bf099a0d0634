import { invalid } from './errors.ts'
import type { CursorSeal } from './seal.ts'

/** What a walk through a list was begun with. */
export type WalkFilter = Readonly<Record<string, unknown>>

/** Names the shape of what is sealed, too: another one gets another name. */
const LIST = 'place'

/**
 * Where a walk stands: the sort key of the last row that was shown, part by part, as text.
 * @param filter names the list too, so that no cursor fits another
 */
export function encodePlace(seal: CursorSeal, filter: WalkFilter, place: readonly string[]): string {
  return seal.seal(LIST, [canonical(filter), place])
}

/** Reads a cursor. @throws DomainError 400 for what this list did not make, or made for other filters */
export function decodePlace(seal: CursorSeal, cursor: string, filter: WalkFilter): string[] {
  const [begunWith, place] = seal.open(LIST, cursor) as [string, string[]]
  if (begunWith !== canonical(filter)) {
    throw invalid('cursor', 'belongs to other filters; repeat the ones it began with')
  }
  return place
}

function canonical(filter: WalkFilter): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined)
  return JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : 1)))
}
