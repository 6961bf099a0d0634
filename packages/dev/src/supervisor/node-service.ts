import { logSize, tailOfLog } from '../process/log-file.ts'
import { type ServerProcess, startServerProcess } from '../process/server-process.ts'
import { UserError } from '../user-error.ts'
import type { Service } from './service.ts'

export interface NodeServiceOptions {
  name: string
  /** The program's compiled main file. It sends { type: 'ready' } over IPC, and ends when IPC disconnects. */
  main: string
  args?: readonly string[]
  env: NodeJS.ProcessEnv
  logFile: string
  stopWithinMs: number
  readyWithinMs?: number
}

/** One of our own programs as a service. */
export function nodeService(options: NodeServiceOptions): Service {
  const { name, main, args = [], env, logFile, stopWithinMs, readyWithinMs = 60_000 } = options
  return {
    name,
    stopWithinMs,
    async launch(signal) {
      const logged = logSize(logFile)
      const server = await startServerProcess({
        file: process.execPath,
        args: [main, ...args],
        env,
        logFile,
        ipc: true,
      })
      const outcome = await firstOf(server, readyWithinMs, signal)
      if (outcome === 'ready') {
        return { pid: server.pid, exited: server.exited, stop: (graceMs) => server.stop('SIGTERM', graceMs) }
      }
      await server.stop('SIGTERM', Math.min(stopWithinMs, 2_000))
      signal.throwIfAborted()
      throw new UserError(`${name} ${outcome}.\nThe end of ${logFile}:\n${tailOfLog(logFile, 15, logged)}`)
    },
  }
}

/** What comes first: ready, its end, the deadline, or the signal. */
function firstOf(server: ServerProcess, readyWithinMs: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const done = (outcome: string) => {
      clearTimeout(timer)
      server.child.off('message', listen)
      signal.removeEventListener('abort', give)
      resolve(outcome)
    }
    const listen = (message: unknown) => {
      if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready') {
        done('ready')
      }
    }
    const give = () => done('was told to stop')
    const timer = setTimeout(() => done(`was not ready within ${readyWithinMs / 1000} s`), readyWithinMs)
    server.child.on('message', listen)
    server.exited.then((how) => done(`ended before it was ready (${how})`))
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })
}
