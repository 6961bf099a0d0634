import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Runs a TypeScript file of ours as a program, with the loaders that this test runs with. */
export function spawnSource(
  file: URL,
  args: readonly string[] = [],
  options: { env?: NodeJS.ProcessEnv; ipc?: boolean } = {},
): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, fileURLToPath(file), ...args], {
    env: { ...process.env, ...options.env },
    stdio: options.ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
  })
}
