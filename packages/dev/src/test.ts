import { constants } from 'node:os'
import { runTests } from './test-run/run-tests.ts'
import { describeError } from './user-error.ts'

// npm test [-- files]

const abort = new AbortController()
let stoppedBy: NodeJS.Signals | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stoppedBy ??= signal
    abort.abort(new Error(`Stopped by ${signal}`))
  })
}

try {
  process.exitCode = await runTests(process.argv.slice(2), abort.signal)
} catch (error) {
  console.error(stoppedBy ? `Stopped by ${stoppedBy}` : describeError(error))
  process.exitCode = stoppedBy ? 128 + constants.signals[stoppedBy] : 1
}
