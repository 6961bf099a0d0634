import { invalid } from '../shared/errors.ts'
import { instantOf } from './calendar-input.ts'
import type { CalendarRow } from './configuration.ts'
import { isWithinReach, MOST_SECONDS, OUT_OF_REACH } from './policy-input.ts'

/** An instant, and either the seconds after it or another instant; ISO 8601 with a zone. */
export interface PreviewInput {
  from: string
  seconds?: number | undefined
  to?: string | undefined
}

/** @throws DomainError 400 naming the member */
export function preview(
  { businessTime, intervals }: CalendarRow,
  { from, seconds, to }: PreviewInput,
): { due_at: string } | { seconds: number } {
  const start = instantOf(from, 'from')
  if (to !== undefined) {
    if (seconds !== undefined) throw invalid('to', 'cannot be used together with seconds')
    const end = instantOf(to, 'to')
    if (end < start) throw invalid('to', 'must not be before from')
    return { seconds: businessTime.between(start, end) / 1_000 }
  }
  if (seconds === undefined) throw invalid('seconds', 'is required, or to')
  if (seconds > MOST_SECONDS) throw invalid('seconds', 'must be at most ten years')
  if (!isWithinReach(seconds, intervals)) throw invalid('seconds', OUT_OF_REACH)
  return { due_at: businessTime.add(start, seconds * 1_000).toISOString() }
}
