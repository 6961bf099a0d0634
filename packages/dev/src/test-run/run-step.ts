import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { sendSignal } from '../process/process-table.ts'

/** How long a step that was told to stop may take before it is killed. */
const patienceMs = 3_000

export interface StepOptions {
  cwd: string
  env: NodeJS.ProcessEnv
  signal: AbortSignal
  /** Gets the lines of its output, which is otherwise shown as it is. */
  onLine?: (line: string) => void
}

/**
 * Runs one step in a process group of its own, so that stopping it stops all it started.
 * @returns its exit code
 * @throws the signal's reason when stopped; nothing of it runs any more then
 */
export function runStep(args: readonly string[], { cwd, env, signal, onLine }: StepOptions): Promise<number> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', onLine ? 'pipe' : 'inherit', 'inherit'],
    })
    if (onLine && child.stdout) createInterface({ input: child.stdout }).on('line', onLine)
    let timer: NodeJS.Timeout | undefined
    const stop = () => {
      if (child.pid === undefined) return
      const group = -child.pid
      sendSignal(group, 'SIGTERM')
      timer = setTimeout(() => sendSignal(group, 'SIGKILL'), patienceMs)
    }
    signal.addEventListener('abort', stop, { once: true })
    child.once('error', reject)
    child.once('exit', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      // Whatever it left behind is in its group, and may hold our end of the pipe open; usually there is nothing.
      if (child.pid !== undefined) sendSignal(-child.pid, 'SIGKILL')
    })
    child.once('close', (code) => {
      if (signal.aborted) reject(signal.reason)
      else resolve(code ?? 1)
    })
  })
}
