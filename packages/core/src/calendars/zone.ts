const DAY_MS = 86_400_000

/** Answers a zone's offset from UTC at an instant, both in milliseconds: local = UTC + offset. */
export type OffsetAt = (instant: number) => number

/**
 * The offsets of an IANA time zone, as this Node's ICU data knows them.
 * @throws RangeError for a zone that does not exist
 */
export function zoneOffsets(timeZone: string): OffsetAt {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (instant) => {
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(instant)) part[type] = Number(value)
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part
    const local = Date.UTC(year, month - 1, day, hour, minute, second)
    return local - Math.floor(instant / 1_000) * 1_000
  }
}

/** A span `[from, to)` in which a zone's offset does not change. */
export interface OffsetSpan {
  from: number
  to: number
  offset: number
}

/**
 * Cuts `[from, to)` where the offset changes. Looks once a day: no zone has changed twice within one, and a change
 * is found to the second, which is as fine as the zone database is.
 */
export function offsetSpans(offsetAt: OffsetAt, from: number, to: number): OffsetSpan[] {
  const spans: OffsetSpan[] = []
  let start = from
  let offset = offsetAt(from)
  for (let low = from; low < to; ) {
    const high = Math.min(low + DAY_MS, to)
    // The end itself belongs to what follows.
    const next = offsetAt(high - 1)
    if (next !== offset) {
      const change = findChange(offsetAt, low, high - 1, offset)
      spans.push({ from: start, to: change, offset })
      start = change
      offset = next
    }
    low = high
  }
  spans.push({ from: start, to, offset })
  return spans
}

/** The first whole second from `low` on at which the offset is no longer `offset`, as it was before; at `high` it is not. */
function findChange(offsetAt: OffsetAt, low: number, high: number, offset: number): number {
  let [before, after] = [Math.floor(low / 1_000) - 1, Math.ceil(high / 1_000)]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (offsetAt(middle * 1_000) === offset) before = middle
    else after = middle
  }
  return after * 1_000
}
