import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Teardown, type TestDesk, testServers } from '@servicedesk/testing'

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
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
  const worker = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: desk.url,
      REDIS_URL: testServers().redisUrl,
      REDIS_PREFIX: desk.config.redisPrefix,
      SMTP_URL: settings.smtpUrl,
      DATA_DIR: desk.config.dataDir,
      SHUTDOWN_TIMEOUT: String(settings.shutdownTimeout),
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ended = once(worker, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  t.teardown(async () => {
    worker.kill('SIGKILL')
    await ended
  })
  await once(worker, 'message')
  return { stop: () => void worker.kill('SIGTERM'), ended }
}
