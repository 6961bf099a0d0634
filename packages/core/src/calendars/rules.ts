/** What a calendar says. */
export interface CalendarRules {
  /** An IANA name. */
  timeZone: string
  /** Wall-clock minutes from midnight by ISO weekday (Monday is 1); an end at or before the start runs past midnight. */
  intervals: readonly { weekday: number; startMinute: number; endMinute: number }[]
  /** Local dates, `2026-12-25`. */
  holidays: readonly string[]
}

/** Minutes from midnight, `[start, end)`. */
export interface MinuteSpan {
  start: number
  end: number
}

const DAY_MINUTES = 1_440

/**
 * The business minutes of each weekday, Monday first, in order and joined where they overlap or touch. An interval that
 * runs past midnight is the rest of its weekday and the first part of the next.
 */
export function minutesByWeekday(intervals: CalendarRules['intervals']): MinuteSpan[][] {
  const days: MinuteSpan[][] = Array.from({ length: 7 }, () => [])
  for (const { weekday, startMinute: start, endMinute: end } of intervals) {
    if (end > start) days[weekday - 1]?.push({ start, end })
    else {
      days[weekday - 1]?.push({ start, end: DAY_MINUTES })
      days[weekday % 7]?.push({ start: 0, end })
    }
  }
  return days.map(joined)
}

function joined(spans: readonly MinuteSpan[]): MinuteSpan[] {
  const result: MinuteSpan[] = []
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1)
    if (end <= start) continue
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else result.push({ start, end })
  }
  return result
}
