import { constants } from 'node:os'
import { describeError } from '../user-error.ts'
import { runTests } from './run-tests.ts'
import type { Suite } from './suites.ts'

/** Runs a suite, or the files named on the command line, until it ends or a signal stops it; sets the exit code. */
export async function main(suite: Suite): Promise<void> {
  const abort = new AbortController()
  let stoppedBy: NodeJS.Signals | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stoppedBy ??= signal
      abort.abort(new Error(`Stopped by ${signal}`))
    })
  }
  try {
    process.exitCode = await runTests(suite, process.argv.slice(2), abort.signal)
  } catch (error) {
    console.error(stoppedBy ? `Stopped by ${stoppedBy}` : describeError(error))
    process.exitCode = stoppedBy ? 128 + constants.signals[stoppedBy] : 1
  }
}
