import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { commandLine, terminate } from '../process/process-table.ts'
import { UserError } from '../user-error.ts'

export const pidFile = (dataDir: string) => join(dataDir, 'postmaster.pid')

/**
 * Clears what a run that was killed left behind: stops the server that still works on this folder, and removes a
 * postmaster.pid whose number now belongs to some other program, on which PostgreSQL would refuse to start.
 */
export async function clearLeftover(dataDir: string, log: (line: string) => void): Promise<void> {
  const file = pidFile(dataDir)
  if (!existsSync(file)) return
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  if (!isServerOf(pid, dataDir)) {
    rmSync(file, { force: true })
    return
  }
  log('Stopping the PostgreSQL of an earlier run that was killed')
  const gone = await terminate(pid, [
    { signal: 'SIGINT', waitMs: 10_000 },
    { signal: 'SIGQUIT', waitMs: 5_000 },
    { signal: 'SIGKILL', waitMs: 2_000 },
  ])
  if (!gone)
    throw new UserError(
      `The PostgreSQL of an earlier run (process ${pid}) does not stop: stop it and try again.`,
    )
}

function isServerOf(pid: number, dataDir: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  const line = commandLine(pid)
  return /postgres/.test(line) && line.includes(`-D ${dataDir} `)
}
