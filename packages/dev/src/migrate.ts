import { migrate } from '@servicedesk/db'
import { readDatabaseUrl } from './config.ts'
import { describeError } from './user-error.ts'

// npm run migrate

try {
  await migrate(readDatabaseUrl())
  console.log('The database is up to date.')
} catch (error) {
  console.error(describeError(error))
  process.exitCode = 1
}
