import { join } from 'node:path'
import t from 'tap'
import { readDatabaseUrl, readRunningDatabaseUrl, readStartConfig, repositoryRoot } from '../src/config.ts'

t.test('without any setting everything is embedded and local', async (t) => {
  const config = readStartConfig({ PATH: '/bin', HOME: '/home/x' })
  t.match(config, {
    host: '127.0.0.1',
    port: 3000,
    dataDir: join(repositoryRoot, '.data'),
    production: false,
  })
  t.equal(config.databaseUrl ?? config.givenRedis ?? config.smtpUrl, undefined)
  t.equal(config.environment.NODE_ENV, 'development')
  t.strictSame(config.redis.cacheDirs, ['/home/x/.cache/servicedesk', join(repositoryRoot, '.data', 'cache')])
})

t.test('an empty setting is no setting', async (t) => {
  const config = readStartConfig({ PORT: '', DATABASE_URL: ' ', DATA_DIR: '', JWT_SECRET_KEY: '' })
  t.match(config, { port: 3000, dataDir: join(repositoryRoot, '.data'), hasJwtSecret: false })
  t.equal(config.databaseUrl, undefined)
})

t.test('every problem is listed at once', async (t) => {
  t.throws(
    () =>
      readStartConfig({ PORT: '80a', DATABASE_URL: 'mysql://x', REDIS_URL: 'here', SMTP_URL: 'smtp://ok' }),
    {
      name: 'UserError',
      message: /PORT must .*\nDATABASE_URL must .*\nREDIS_URL must [^\n]*$/,
    },
  )
})

t.test(
  'a command of a running desk takes the database that is named, else that of the run on DATA_DIR',
  async (t) => {
    const DATA_DIR = t.testdir({ 'run.json': JSON.stringify({ databaseUrl: 'postgres://run/desk' }) })
    t.equal(readRunningDatabaseUrl({ DATA_DIR }), 'postgres://run/desk')
    t.equal(
      readRunningDatabaseUrl({ DATA_DIR, DATABASE_URL: 'postgres://named/desk' }),
      'postgres://named/desk',
    )
    t.throws(() => readRunningDatabaseUrl({ DATA_DIR, DATABASE_URL: 'mysql://x' }), {
      message: /^DATABASE_URL must/,
    })
    const nothing = { DATA_DIR: join(DATA_DIR, 'none') }
    t.throws(() => readRunningDatabaseUrl(nothing), {
      name: 'UserError',
      message: /^Nothing runs on [^\n]*$/,
    })
  },
)

t.test('migrating without a database is one clear sentence', async (t) => {
  t.throws(() => readDatabaseUrl({}), { name: 'UserError', message: /^Set DATABASE_URL [^\n]*$/ })
})
