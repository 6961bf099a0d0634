import { readRunningDatabaseUrl } from './config.ts'
import { runRebuild } from './stats/run-rebuild.ts'
import { describeError } from './user-error.ts'

// npm run stats:rebuild

try {
  console.log(await runRebuild(readRunningDatabaseUrl(), (line) => console.log(line)))
} catch (error) {
  console.error(describeError(error))
  process.exitCode = 1
}
