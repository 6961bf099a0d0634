import { readDatabaseUrl, readIsProduction } from './config.ts'
import { loadSampleData, SAMPLE_PASSWORD } from './sample/index.ts'
import { describeError, UserError } from './user-error.ts'

// npm run sample-data

try {
  if (readIsProduction()) {
    throw new UserError(
      'Sample data has known passwords and is refused when NODE_ENV=production; use npm run create-admin.',
    )
  }
  const { loaded } = await loadSampleData({ databaseUrl: readDatabaseUrl() })
  console.log(
    loaded ? `Sample data loaded; every password is ${SAMPLE_PASSWORD}.` : 'Sample data was there already.',
  )
} catch (error) {
  console.error(describeError(error))
  process.exitCode = 1
}
