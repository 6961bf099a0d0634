import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, nodeService, repositoryRoot } from '@servicedesk/dev'
import type { BenchServers } from './servers.ts'

export interface ApiProcess {
  /** With version. */
  url: string
  pid: number
  stop(): Promise<void>
}

/** What the nodes of one deployment have in common. */
export interface Deployment {
  prefix: string
  secret: string
}

export function newDeployment(name: string): Deployment {
  return { prefix: `{bench-${name}}`, secret: randomBytes(32).toString('hex') }
}

/** The built API as a process of its own, started as `npm start` does it, with its data in `dataDir`. */
export async function startApiProcess(
  servers: BenchServers,
  dataDir: string,
  { prefix, secret }: Deployment,
): Promise<ApiProcess> {
  const port = await freePort()
  const service = nodeService({
    name: 'api',
    main: join(repositoryRoot, 'apps', 'api', 'dist', 'main.js'),
    logFile: join(dataDir, 'logs', 'api.log'),
    stopWithinMs: 12_000,
    env: {
      PATH: process.env.PATH,
      SERVICEDESK_EMBEDDED: 'true',
      DATA_DIR: dataDir,
      DATABASE_URL: servers.databaseUrl,
      REDIS_URL: servers.redisUrl,
      REDIS_PREFIX: prefix,
      JWT_SECRET_KEY: secret,
      PORT: String(port),
    },
  })
  const { pid, stop } = await service.launch(new AbortController().signal)
  return { url: `http://127.0.0.1:${port}/api/v1`, pid, stop: async () => void (await stop(10_000)) }
}

/** Bytes of memory that a process has (`VmRSS`), or the most that it ever had (`VmHWM`). Linux only. */
export async function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status has no ${field}`)
  return Number(kilobytes) * 1024
}

const peaks = new Map<number, number>()

/** Lets `VmHWM` begin again at what the process has now; {@link highestPeak} remembers. */
export async function forgetPeak(pid: number): Promise<void> {
  peaks.set(pid, await highestPeak(pid))
  await writeFile(`/proc/${pid}/clear_refs`, '5')
}

/** The most bytes of memory that a process ever had, whatever {@link forgetPeak} let begin again. */
export async function highestPeak(pid: number): Promise<number> {
  return Math.max(peaks.get(pid) ?? 0, await memoryOf(pid, 'VmHWM'))
}
