import { type Job, WaitingError } from 'bullmq'

/**
 * Runs a job until it ends or the process has no more time for it. Then the job goes back to the head of its queue,
 * where another worker takes it up at once instead of after the time of a stall, and no try is used up. What still
 * runs here ends with the process; if it commits first, the other run finds its row done.
 * @throws WaitingError, which tells BullMQ that the job is not this worker's any more
 */
export async function runUntil(
  stopping: AbortSignal,
  job: Pick<Job, 'moveToWait'>,
  token: string | undefined,
  run: () => Promise<void>,
): Promise<void> {
  let stop: () => void = () => undefined
  const stopped = new Promise<'stopped'>((resolve) => {
    stop = () => resolve('stopped')
  })
  if (stopping.aborted) stop()
  stopping.addEventListener('abort', stop)
  try {
    const running = stopping.aborted ? stopped : run()
    if ((await Promise.race([running, stopped])) !== 'stopped') return
    running.catch(() => undefined)
  } finally {
    stopping.removeEventListener('abort', stop)
  }
  await job.moveToWait(token)
  throw new WaitingError()
}
