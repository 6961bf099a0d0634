import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { processIdentity } from '../../bootstrap/process-identity.mjs'

export { processIdentity }

/** The command line of a process, arguments parted by spaces, or '' when it is gone or out of sight. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    if (process.platform === 'linux') return ''
    return (
      spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? ''
    ).trim()
  }
}

/**
 * Waits until a process that is not our child has ended; asks every 20 ms, because the system tells only parents.
 * @returns whether it ended in time
 */
export async function waitUntilGone(pid: number, identity: string, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs
  while (processIdentity(pid) === identity) {
    if (Date.now() >= deadline) return false
    await sleep(20)
  }
  return true
}

/** Sends the signals in turn to a process that is not our child, each with its time to work, until it is gone. */
export async function terminate(
  pid: number,
  steps: readonly { signal: NodeJS.Signals; waitMs: number }[],
): Promise<boolean> {
  const identity = processIdentity(pid)
  if (identity === undefined) return true
  for (const { signal, waitMs } of steps) {
    sendSignal(pid, signal)
    if (await waitUntilGone(pid, identity, waitMs)) return true
  }
  return false
}

/** Sends a signal; a process that has just ended is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
