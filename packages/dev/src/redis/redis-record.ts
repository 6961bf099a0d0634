import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processIdentity, terminate } from '../process/process-table.ts'
import { UserError } from '../user-error.ts'

const recordFile = (dataDir: string) => join(dataDir, 'redis.pid')

/** Notes which process works on this folder. Synchronous, so that no kill fits between the start and the note. */
export function recordRedis(dataDir: string, pid: number): void {
  writeFileSync(recordFile(dataDir), JSON.stringify({ pid, identity: processIdentity(pid) }))
}

/** Forgets the process that worked on this folder. */
export function forgetRedis(dataDir: string): void {
  rmSync(recordFile(dataDir), { force: true })
}

/** Stops the Redis that a killed run left behind: two on one folder would ruin each other's append-only file. */
export async function clearLeftover(dataDir: string, log: (line: string) => void): Promise<void> {
  const pid = recordedPid(dataDir)
  if (pid !== undefined) {
    log('Stopping the Redis of an earlier run that was killed')
    const gone = await terminate(pid, [
      { signal: 'SIGTERM', waitMs: 5_000 },
      { signal: 'SIGKILL', waitMs: 2_000 },
    ])
    if (!gone)
      throw new UserError(
        `The Redis of an earlier run (process ${pid}) does not stop: stop it and try again.`,
      )
  }
  forgetRedis(dataDir)
}

function recordedPid(dataDir: string): number | undefined {
  try {
    const { pid, identity } = JSON.parse(readFileSync(recordFile(dataDir), 'utf8'))
    return identity !== undefined && processIdentity(pid) === identity ? pid : undefined
  } catch {
    return undefined
  }
}
