import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { sendSignal } from '../process/process-table.ts'

/** How long a step that was told to stop may take before it is killed. */
const patienceMs = 3_000

export interface StepOptions {
  cwd: string
  env: NodeJS.ProcessEnv
  signal: AbortSignal
  /** Gets the lines of its output and of its errors, which are otherwise shown as they are. */
  onLine?: (line: string, from: 'stdout' | 'stderr') => void
  /** How long it may take; it is told by SIGALRM then, at which tap says what it was doing, and killed soon after. */
  limitMs?: number
}

/** How a process ended. */
export interface StepEnd {
  code: number | null
  signal: NodeJS.Signals | null
  /** It took longer than it may. */
  isLate: boolean
}

/**
 * Runs one step in a process group of its own, so that stopping it stops all it started.
 * @throws the signal's reason when stopped; nothing of it runs any more then
 */
export function runStep(args: readonly string[], options: StepOptions): Promise<StepEnd> {
  const { cwd, env, signal, onLine, limitMs } = options
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const output = onLine ? 'pipe' : 'inherit'
    const child = spawn(process.execPath, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', output, output],
    })
    for (const from of ['stdout', 'stderr'] as const) {
      const input = child[from]
      if (onLine && input) createInterface({ input }).on('line', (line) => onLine(line, from))
    }
    const timers: NodeJS.Timeout[] = []
    let isLate = false
    const stop = (by: NodeJS.Signals) => {
      if (child.pid === undefined) return
      const group = -child.pid
      sendSignal(group, by)
      timers.push(setTimeout(() => sendSignal(group, 'SIGKILL'), patienceMs))
    }
    const abort = () => stop('SIGTERM')
    signal.addEventListener('abort', abort, { once: true })
    if (limitMs !== undefined) {
      timers.push(
        setTimeout(() => {
          isLate = true
          stop('SIGALRM')
        }, limitMs),
      )
    }
    child.once('error', reject)
    child.once('exit', () => {
      for (const timer of timers) clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      // Whatever it left behind is in its group, and may hold our end of the pipe open; usually there is nothing.
      if (child.pid !== undefined) sendSignal(-child.pid, 'SIGKILL')
    })
    child.once('close', (code, by) => {
      if (signal.aborted) reject(signal.reason)
      else resolve({ code, signal: by, isLate })
    })
  })
}
