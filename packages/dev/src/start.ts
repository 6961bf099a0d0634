import { join } from 'node:path'
import { readStartConfig, repositoryRoot } from './config.ts'
import { migrateExplained } from './postgres/migrate-explained.ts'
import { loadSampleData } from './sample/index.ts'
import { run } from './start/run.ts'
import { describeError } from './user-error.ts'

// npm start

const program = (...path: string[]) => join(repositoryRoot, ...path)

try {
  const exitCode = await run(readStartConfig(), {
    migrate: migrateExplained,
    loadSampleData,
    programs: {
      api: program('apps', 'api', 'dist', 'main.js'),
      worker: program('apps', 'worker', 'dist', 'main.js'),
      mail: program('packages', 'dev', 'dist', 'mail-sink', 'main.js'),
    },
  })
  process.exit(exitCode)
} catch (error) {
  console.error(describeError(error))
  process.exit(1)
}
