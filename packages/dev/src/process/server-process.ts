import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { openLog } from './log-file.ts'
import { sendSignal } from './process-table.ts'

/** A program we started and watch. */
export interface ServerProcess {
  readonly pid: number
  readonly child: ChildProcess
  /** Settles when it has ended, with how: "exit code 1", "SIGKILL". */
  readonly exited: Promise<string>
  /**
   * Asks it to end by `signal`, and after `graceMs` makes it (SIGKILL). Resolves when it is gone.
   * @returns whether it ended by itself
   */
  stop(signal: NodeJS.Signals, graceMs: number): Promise<boolean>
}

export interface ServerProcessOptions {
  file: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  cwd?: string
  /** Gets what the program prints. */
  logFile: string
  uid?: number | undefined
  gid?: number | undefined
  /** Opens a channel for process.send. */
  ipc?: boolean
}

/**
 * Starts a program in a process group of its own, so that Ctrl-C in the terminal reaches only us and we stop things
 * in order.
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const log = openLog(options.logFile)
  try {
    const child = spawn(options.file, options.args, spawnOptions(options, log))
    const exited = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    child.on('error', () => {}) // A signal or message to a child that has just ended; `exited` tells of that.
    const { pid } = child
    if (pid === undefined) throw new Error(`${options.file} has no pid`)
    return { pid, child, exited, stop: (signal, graceMs) => stop(pid, exited, signal, graceMs) }
  } finally {
    closeSync(log)
  }
}

function spawnOptions(options: ServerProcessOptions, log: number): SpawnOptions {
  return {
    env: options.env,
    detached: true,
    stdio: options.ipc ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  }
}

async function stop(
  pid: number,
  exited: Promise<string>,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<boolean> {
  let running = true
  const gone = exited.then(() => {
    running = false
  })
  sendSignal(pid, signal)
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs)
  })
  await Promise.race([gone, timeout])
  clearTimeout(timer)
  if (!running) return true
  sendSignal(pid, 'SIGKILL')
  await gone
  return false
}
