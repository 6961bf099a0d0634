import { join } from 'node:path'
import { freePort, nodeService, repositoryRoot } from '@servicedesk/dev'
import type { Deployment } from './api-process.ts'
import type { BenchServers } from './servers.ts'

export interface WorkerProcess {
  pid: number
  stop(): Promise<void>
}

/** The built worker with all queues as a process of its own, and a mail server that keeps what it sends in `dataDir`. */
export async function startWorkers(
  servers: BenchServers,
  dataDir: string,
  { prefix, secret }: Deployment,
): Promise<WorkerProcess> {
  const port = await freePort()
  const launch = (name: string, main: string[], env: NodeJS.ProcessEnv, args: string[] = []) =>
    nodeService({
      name,
      main: join(repositoryRoot, ...main),
      args,
      logFile: join(dataDir, 'logs', `${name}.log`),
      stopWithinMs: 12_000,
      env: { PATH: process.env.PATH, ...env },
    }).launch(new AbortController().signal)
  const mailbox = join(dataDir, 'mailbox')
  const mail = await launch('mail', ['packages', 'dev', 'dist', 'mail-sink', 'main.js'], {}, [
    '--port',
    String(port),
    '--mailbox',
    mailbox,
  ])
  const worker = await launch('worker', ['apps', 'worker', 'dist', 'main.js'], {
    SERVICEDESK_EMBEDDED: 'true',
    DATA_DIR: dataDir,
    DATABASE_URL: servers.databaseUrl,
    REDIS_URL: servers.redisUrl,
    REDIS_PREFIX: prefix,
    JWT_SECRET_KEY: secret,
    SMTP_URL: `smtp://127.0.0.1:${port}`,
  })
  return {
    pid: worker.pid,
    async stop() {
      await worker.stop(10_000)
      await mail.stop(1_000)
    },
  }
}
