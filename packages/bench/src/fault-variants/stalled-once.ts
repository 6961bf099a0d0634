// Broken on purpose: BullMQ's own default, by which a job whose worker died twice is given up.

export const WORKER_SETTINGS = {
  lockDuration: 15_000,
  stalledInterval: 10_000,
  maxStalledCount: 1,
}
