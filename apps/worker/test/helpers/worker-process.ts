import { once } from 'node:events'
import { deskEnvironment, startAppProcess, type Teardown, type TestDesk } from '@servicedesk/testing'

export interface WorkerProcess {
  /** Begins its graceful stop. */
  stop(): void
  /** Resolves with its exit code, or with the signal that ended it. */
  ended: Promise<number | string>
}

/** The built worker as a process of its own, on a desk's stores. Resolves when it takes jobs. */
export async function startWorkerProcess(
  t: Teardown,
  desk: TestDesk,
  settings: { smtpUrl: string; shutdownTimeout: number },
): Promise<WorkerProcess> {
  const worker = await startAppProcess(t, 'worker', {
    ...deskEnvironment(desk),
    SMTP_URL: settings.smtpUrl,
    SHUTDOWN_TIMEOUT: String(settings.shutdownTimeout),
    LOG_LEVEL: 'error',
  })
  const ended = once(worker, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  return { stop: () => void worker.kill('SIGTERM'), ended }
}
