import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerProcess } from '../process/server-process.ts'
import { pidFile } from './leftover.ts'

/**
 * Waits until the server takes connections, however long recovery after a crash may take.
 * @returns false when it ended instead
 * @throws the signal's reason when stopped meanwhile; the server is gone then
 */
export async function waitUntilReady(
  server: ServerProcess,
  dataDir: string,
  signal?: AbortSignal,
): Promise<boolean> {
  let alive = true
  const gone = server.exited.then(() => {
    alive = false
  })
  while (alive) {
    if (isReady(server.pid, dataDir)) return true
    if (signal?.aborted) {
      await server.stop('SIGINT', 3_000)
      signal.throwIfAborted()
    }
    await Promise.race([gone, sleep(15)])
  }
  return false
}

/** PostgreSQL writes its state into the eighth line of its pid file. */
function isReady(pid: number, dataDir: string): boolean {
  try {
    const lines = readFileSync(pidFile(dataDir), 'utf8').split('\n')
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready'
  } catch {
    return false
  }
}
