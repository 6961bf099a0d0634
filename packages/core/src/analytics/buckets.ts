import { offsetSpans } from '../calendars/zone.ts'
import { invalid } from '../shared/errors.ts'
import type { Period, Zone } from './period.ts'

export const BUCKETS = ['hour', 'day', 'week', 'month'] as const
export type BucketUnit = (typeof BUCKETS)[number]

/** A part of a period: `[start, end)`, with what it is called where the caller is. */
export interface Bucket {
  start: Date
  end: Date
  label: string
}

/** More than the hours of the 30 days that are shown where no period is asked for. */
export const MOST_BUCKETS = 1_000

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** The longest that a unit can be without the clocks changing. */
const UNIT_MS: Record<BucketUnit, number> = {
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 31 * DAY_MS,
}

/** Readings of a wall clock are instants as if they were in UTC. */
type Reading = number

/** The beginning of the unit in which a reading lies; weeks begin on Monday (ISO 8601). */
function beginningOf(unit: BucketUnit, reading: Reading): Reading {
  if (unit === 'hour') return Math.floor(reading / HOUR_MS) * HOUR_MS
  const day = Math.floor(reading / DAY_MS)
  // 1970-01-01 was a Thursday, three days after a Monday.
  if (unit === 'week') return (day - ((((day + 3) % 7) + 7) % 7)) * DAY_MS
  if (unit === 'day') return day * DAY_MS
  const date = new Date(day * DAY_MS)
  // Not by Date.UTC, which takes the years before 100 for others.
  return date.setUTCDate(1)
}

function nextOf(unit: BucketUnit, beginning: Reading): Reading {
  return beginningOf(unit, beginning + UNIT_MS[unit] + (unit === 'month' ? DAY_MS : 0))
}

/**
 * Cuts a period along the hours, days, weeks or months of a zone. The first and the last bucket end where the period
 * does. A day in which the clocks change has the hours that it has: one that comes twice is two buckets, one that is
 * skipped is none. What a clock that is turned back across midnight reads again belongs to the day that had begun.
 * @throws DomainError 400 for a unit that there is not, or more buckets than anybody reads
 */
export function cutPeriod({ from, to }: Period, bucket: string, zone: Zone): Bucket[] {
  const unit = unitOf(bucket)
  const [start, end] = [from.getTime(), to.getTime()]
  // Before they are laid out, which takes a while for a thousand years of hours.
  if (end - start > (MOST_BUCKETS + 1) * UNIT_MS[unit]) throw tooMany(unit)
  const cuts: { at: number; label: string }[] = []
  let latest = Number.NEGATIVE_INFINITY
  for (const span of offsetSpans(zone.offsetAt, start, end)) {
    // An hour that comes twice is told apart by its offset; a day and what is longer is not.
    if (unit === 'hour') latest = Number.NEGATIVE_INFINITY
    let beginning = beginningOf(unit, span.from + span.offset)
    for (; beginning - span.offset < span.to; beginning = nextOf(unit, beginning)) {
      if (beginning <= latest) continue
      const at = Math.max(span.from, beginning - span.offset)
      cuts.push({ at, label: labelOf(unit, beginning, span.offset) })
      latest = beginning
    }
  }
  if (cuts.length > MOST_BUCKETS) throw tooMany(unit)
  return cuts.map(({ at, label }, index) => ({
    start: new Date(at),
    end: new Date(cuts[index + 1]?.at ?? end),
    label,
  }))
}

/** When the bucket in which an instant lies begins. */
export function bucketStart(instant: Date, bucket: string, zone: Zone): Date {
  const unit = unitOf(bucket)
  const before = {
    from: new Date(instant.getTime() - UNIT_MS[unit] - DAY_MS),
    to: new Date(instant.getTime() + 1),
  }
  return cutPeriod(before, unit, zone).at(-1)?.start ?? instant
}

function unitOf(bucket: string): BucketUnit {
  const unit = BUCKETS.find((each) => each === bucket)
  if (unit === undefined) throw invalid('bucket', `must be one of ${BUCKETS.join(', ')}`)
  return unit
}

const tooMany = (unit: BucketUnit) =>
  invalid(
    'bucket',
    `there are more than ${MOST_BUCKETS} buckets of one ${unit} between from and to; take a longer one, or a shorter period`,
  )

/** `2026-03`, `2026-03-29` (of a week its Monday), `2026-03-29T01:00+01:00`. */
function labelOf(unit: BucketUnit, beginning: Reading, offset: number): string {
  const text = new Date(beginning).toISOString()
  if (unit === 'month') return text.slice(0, 7)
  if (unit !== 'hour') return text.slice(0, 10)
  const minutes = Math.abs(Math.trunc(offset / 60_000))
  const two = (part: number) => String(Math.floor(part)).padStart(2, '0')
  return `${text.slice(0, 16)}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}
