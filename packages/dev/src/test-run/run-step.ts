import { spawn } from 'node:child_process'
import { sendSignal } from '../process/process-table.ts'

/** How long a step that was told to stop may take before it is killed. */
const patienceMs = 3_000

/**
 * Runs one step with its output shown, in a process group of its own, so that stopping it stops all it started.
 * @returns its exit code
 * @throws the signal's reason when stopped; nothing of it runs any more then
 */
export function runStep(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    let timer: NodeJS.Timeout | undefined
    const stop = () => {
      if (child.pid === undefined) return
      const group = -child.pid
      sendSignal(group, 'SIGTERM')
      timer = setTimeout(() => sendSignal(group, 'SIGKILL'), patienceMs)
    }
    signal.addEventListener('abort', stop, { once: true })
    child.once('error', reject)
    child.once('exit', (code) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      // Whatever it left behind is in its group; usually that is empty by now.
      if (child.pid !== undefined) sendSignal(-child.pid, 'SIGKILL')
      if (signal.aborted) reject(signal.reason)
      else resolve(code ?? 1)
    })
  })
}
