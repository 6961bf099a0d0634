import type { Clock } from '@servicedesk/core'

export interface TestClock extends Clock {
  /** Moves time forward. */
  advance(ms: number): void
}

/** Time that stands still until it is advanced; it starts now, so that defaults made by the database fit. */
export function createTestClock(start = new Date()): TestClock {
  let now = start.getTime()
  return {
    now: () => new Date(now),
    advance(ms) {
      now += ms
    },
  }
}
