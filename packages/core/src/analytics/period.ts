import { type OffsetAt, zoneOffsets } from '../calendars/zone.ts'
import { invalid } from '../shared/errors.ts'
import { EARLIEST, readInstant } from '../shared/instant.ts'

export { EARLIEST }

/** Instants from and including the first, up to and without the second. */
export interface Period {
  from: Date
  to: Date
}

/** A period as clients write it: dates and instants, those without a zone in `tz`. */
export interface PeriodQuery {
  from?: string | undefined
  to?: string | undefined
  tz?: string | undefined
}

/** A time zone by its IANA name. */
export interface Zone {
  name: string
  offsetAt: OffsetAt
}

const DAY_MS = 86_400_000
/** The last 30 days, where nothing else is asked for. */
const DEFAULT_MS = 30 * DAY_MS
const MOST_ZONES = 1_000
/** Before this a zone keeps the offset that it has here: no desk is so old, and JavaScript reads the year 26 as 1926. */
const FIRST_OFFSET = Date.parse('1000-01-01T00:00:00Z')

/** Reads time zones by name, and keeps those that were read: each takes a while to lay out. */
export function createZones(): (name: string | undefined) => Zone {
  const known = new Map<string, Zone>()
  return (name = 'UTC') => {
    let zone = known.get(name)
    if (zone === undefined) {
      zone = { name, offsetAt: offsetsOf(name) }
      // Names in any case are zones too, so there are more of them than zones.
      if (known.size < MOST_ZONES) known.set(name, zone)
    }
    return zone
  }
}

/** @throws DomainError 400 for what is no IANA name; a bare offset such as +05:30 has no rules and is none */
function offsetsOf(name: string): OffsetAt {
  try {
    if (/^[a-z]/i.test(name)) {
      const offsetAt = zoneOffsets(name)
      return (instant) => offsetAt(Math.max(instant, FIRST_OFFSET))
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  throw invalid('tz', 'must be the IANA name of a time zone, such as Europe/Berlin')
}

/**
 * The period that is asked for: the 30 days before `to` without `from`, and until `now` without `to`.
 * @throws DomainError 400 naming the member, also for a period that ends before it begins
 */
export function resolvePeriod({ from, to }: PeriodQuery, zone: Zone, now: Date): Period {
  const read = (text: string, path: string) =>
    readInstant(text, path, (reading) => instantOf(reading, zone.offsetAt))
  const end = to === undefined ? now : read(to, 'to')
  const start =
    from === undefined ? new Date(Math.max(EARLIEST, end.getTime() - DEFAULT_MS)) : read(from, 'from')
  if (start < end) return { from: start, to: end }
  throw invalid(to === undefined ? 'from' : 'to', 'the period must end after it begins')
}

/**
 * The instant of a wall-clock reading (milliseconds as if it were UTC): the earlier of two, and where the clocks skipped
 * it, the one that it would be had they not yet.
 */
export function instantOf(reading: number, offsetAt: OffsetAt): number {
  const [before, after] = [offsetAt(reading - DAY_MS), offsetAt(reading + DAY_MS)]
  const [early, late] = [reading - Math.max(before, after), reading - Math.min(before, after)]
  if (early + offsetAt(early) === reading) return early
  return late + offsetAt(late) === reading ? late : reading - before
}
