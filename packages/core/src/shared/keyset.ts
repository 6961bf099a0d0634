import { invalid } from './errors.ts'

/** What a walk through a list was begun with; names the list too, so that no cursor fits another. */
export type WalkFilter = Readonly<Record<string, unknown>>

/** Where a walk stands: the sort key of the last row that was shown, part by part, as text. */
export function encodePlace(filter: WalkFilter, place: readonly string[]): string {
  return Buffer.from(JSON.stringify([canonical(filter), place])).toString('base64url')
}

/**
 * Reads a cursor. The filter inside is never run: it is only compared with the request's.
 * @param checks what each part of the key can be: PostgreSQL casts it back, and must never fail on a forged one
 * @throws DomainError 400 for what this list did not make, or made for other filters
 */
export function decodePlace(
  text: string,
  filter: WalkFilter,
  checks: readonly ((part: string) => boolean)[],
): string[] {
  const [begunWith, place] = parse(text)
  const isPlace =
    Array.isArray(place) &&
    place.length === checks.length &&
    checks.every((check, n) => typeof place[n] === 'string' && check(place[n]))
  if (!isPlace) throw invalid('cursor', 'is not a cursor of this list')
  if (begunWith !== canonical(filter)) {
    throw invalid('cursor', 'belongs to other filters; repeat the ones it began with')
  }
  return place
}

function parse(text: string): unknown[] {
  try {
    const bytes = Buffer.from(text, 'base64url')
    // Decoding passes over what is no base64url, so that other texts would do too.
    const parsed: unknown = bytes.toString('base64url') === text ? JSON.parse(bytes.toString('utf8')) : []
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}

function canonical(filter: WalkFilter): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined)
  return JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** An instant as PostgreSQL writes it in UTC, and one that exists. */
export function isInstant(key: string): boolean {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d{1,6})?\+00$/.exec(key)
  const date = new Date(`${match?.[1]}T${match?.[2]}Z`)
  return date.getTime() > 0 && date.toISOString().slice(0, 10) === match?.[1]
}

export function isUuid(key: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(key)
}
