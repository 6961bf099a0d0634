/** Tickets that a socket may have joined: enough for any screen; each costs the node a look a second. */
export const MOST_TICKETS = 100
/** Requests a second that a socket may send for long. */
const PER_SECOND = 20
/** And at once: a client that has connected anew joins all its tickets again, and asks for a few things beside. */
export const BURST = MOST_TICKETS + 20
/** Who sends so many more without a pause is cut off. */
const MOST_REFUSED = 500

export type Verdict = 'ok' | 'refused' | 'cut'

/** A socket's allowance (a token bucket): each request takes one, time gives them back. */
export function createAllowance(now: () => number = Date.now) {
  let left = BURST
  let at = now()
  let refused = 0

  return {
    take(): Verdict {
      const since = now() - at
      at += since
      left = Math.min(BURST, left + (since / 1_000) * PER_SECOND)
      if (left >= 1) {
        left -= 1
        // Whoever keeps to the rate for a while is forgiven.
        if (left >= BURST / 2) refused = 0
        return 'ok'
      }
      refused += 1
      return refused > MOST_REFUSED ? 'cut' : 'refused'
    },
  }
}

export type Allowance = ReturnType<typeof createAllowance>
