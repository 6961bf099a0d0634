import { readDatabaseUrl } from './config.ts'
import { migrateExplained } from './postgres/migrate-explained.ts'
import { describeError } from './user-error.ts'

// npm run migrate

try {
  await migrateExplained(readDatabaseUrl())
  console.log('The database is up to date.')
} catch (error) {
  console.error(describeError(error))
  process.exitCode = 1
}
