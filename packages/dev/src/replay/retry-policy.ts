import { members } from './json.ts'

/** A response with its body read. */
export interface Answer {
  status: number
  headers: Headers
  /** Parsed when it is JSON, else undefined. */
  body: unknown
}

/** What an attempt led to: an answer, or the connection's failure. */
export type Attempt = { answer: Answer } | { failure: string }

export interface Retry {
  /** Why, in a word or two, as the summary counts it. */
  reason: string
  waitMs: number
  /** The server named the time to wait, so it does not count as an outage. */
  isAsked: boolean
}

const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 2_000

/**
 * Whether to try a request again, which must be safe to repeat, and when: after lost connections, answers of a server
 * (or of a proxy before it) that is away, refusals for speed, and while the first attempt is still being answered.
 * @param attempts how many were made
 * @returns the answer when it stands
 */
export function nextStep(attempt: Attempt, attempts: number): { answer: Answer } | Retry {
  const backoff = Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS)
  if ('failure' in attempt) return { reason: attempt.failure, waitMs: backoff, isAsked: false }
  const { status, headers, body } = attempt.answer
  const isAway = status === 502 || status === 503 || status === 504
  const isInFlight = status === 409 && members(body).code === 'idempotency_key_in_flight'
  if (!isAway && !isInFlight && status !== 429) return attempt
  // A server that restarts says Retry-After too, and is often back sooner: only for 429 is it a rule.
  const askedMs = status === 429 ? retryAfterMs(headers.get('retry-after')) : undefined
  const reason = isInFlight ? 'still in flight' : `status ${status}`
  return { reason, waitMs: Math.max(askedMs ?? 0, backoff), isAsked: askedMs !== undefined && askedMs > 0 }
}

/** Retry-After in its two forms, seconds and a date. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header)) return Number(header) * 1_000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}
