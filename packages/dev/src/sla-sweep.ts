import { readRunningDatabaseUrl } from './config.ts'
import { runSweep } from './sla/run-sweep.ts'
import { describeError } from './user-error.ts'

// npm run sla:sweep

try {
  console.log(await runSweep(readRunningDatabaseUrl()))
} catch (error) {
  console.error(describeError(error))
  process.exitCode = 1
}
