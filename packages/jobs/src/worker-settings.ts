/** How every BullMQ worker of the product takes up what a dead one left. Times are in milliseconds. */
export const WORKER_SETTINGS = {
  /** A killed worker's job is taken up again after its lock ran out. */
  lockDuration: 15_000,
  stalledInterval: 10_000,
  // BullMQ's default of 1 loses a job whose worker dies twice; a poison job is bounded by the starts.
  maxStalledCount: 50,
  maxStartedAttempts: 60,
}
