import { invalid } from './errors.ts'

/** A date, or an instant to the minute or finer. */
const ISO_8601 = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/i

/** The instants that PostgreSQL and ISO 8601 with four digits both know. */
export const EARLIEST = Date.parse('0001-01-01T00:00:00Z')
export const LATEST = Date.parse('9999-12-31T23:59:59.999Z')

/**
 * Reads an ISO 8601 date or instant; what has no zone is read by `local`, which answers the instant of a wall-clock
 * reading given as if it were UTC; in UTC by default.
 * @throws DomainError 400 at `path`, also for a day that there is not
 */
export function readInstant(text: string, path: string, local = (reading: number) => reading): Date {
  const [whole, day, time, zone] = ISO_8601.exec(text) ?? []
  // `Date` alone would read almost any text, in the server's zone, and 30 February as 2 March.
  const isLocal = zone === undefined
  const date = new Date(time !== undefined && isLocal ? `${whole}Z` : `${whole}`)
  const isDay = new Date(`${day}`).toJSON()?.slice(0, 10) === day
  const instant = isDay && !Number.isNaN(date.getTime()) && isLocal ? local(date.getTime()) : date.getTime()
  if (!isDay || !(instant >= EARLIEST && instant <= LATEST)) {
    throw invalid(path, 'must be an ISO 8601 date or instant')
  }
  return new Date(instant)
}
