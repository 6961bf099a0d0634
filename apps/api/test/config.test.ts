import { readConfig } from '@servicedesk/api'
import t from 'tap'

const enough = { DATABASE_URL: 'postgres://a/b', JWT_SECRET_KEY: 'a secret of the tests that is long enough' }

t.test('Redis may be one server, sentinels or a cluster', async (t) => {
  t.match(readConfig({ ...enough, REDIS_URL: 'redis://a:1' }).redis, { kind: 'single', url: 'redis://a:1' })
  t.match(readConfig({ ...enough, REDIS_SENTINELS: 'a:1' }).redis, { kind: 'sentinel' })
  t.match(readConfig({ ...enough, REDIS_CLUSTER_NODES: 'a:1' }).redis, { kind: 'cluster' })
})

t.test('every problem with Redis is named, beside all others', async (t) => {
  const env = { REDIS_URL: 'redis://a', REDIS_SENTINELS: 'a:b', REDIS_PREFIX: 'desk' }
  for (const part of [
    /DATABASE_URL is not set/,
    /only one of REDIS_URL and REDIS_SENTINELS may be set/,
    /"a:b" is not host:port/,
    /REDIS_PREFIX must hold a hash tag/,
  ]) {
    t.throws(() => readConfig(env), { message: part })
  }
})

t.test('files: how content leaves, and what a person may have', async (t) => {
  const MB = 1024 ** 2
  const whole = { ...enough, REDIS_URL: 'redis://a' }
  t.match(readConfig(whole), { filesDelivery: 'stream', uploadQuotaBytes: 2_048 * MB })
  const set = { ...whole, FILES_DELIVERY: 'redirect', UPLOAD_QUOTA_MB: '5' }
  t.match(readConfig(set), { filesDelivery: 'redirect', uploadQuotaBytes: 5 * MB })
  t.equal(readConfig({ ...whole, UPLOAD_QUOTA_MB: '0' }).uploadQuotaBytes, undefined, 'any number')
  t.throws(() => readConfig({ ...whole, FILES_DELIVERY: 'both' }), {
    message: /FILES_DELIVERY must be stream or redirect/,
  })
  t.throws(() => readConfig({ ...whole, UPLOAD_QUOTA_MB: '-1' }), {
    message: /UPLOAD_QUOTA_MB must be a whole number/,
  })
  t.throws(() => readConfig({ ...whole, STORAGE_URL: 'ftp://a' }), { message: /STORAGE_URL must be/ })
})

t.test('accounts are hidden or not, and nothing else', async (t) => {
  const whole = { ...enough, REDIS_URL: 'redis://a' }
  t.equal(readConfig(whole).hidesAccounts, false)
  t.equal(readConfig({ ...whole, AUTH_HIDE_ACCOUNTS: 'false' }).hidesAccounts, false)
  t.equal(readConfig({ ...whole, AUTH_HIDE_ACCOUNTS: 'true' }).hidesAccounts, true)
  t.throws(() => readConfig({ ...whole, AUTH_HIDE_ACCOUNTS: 'yes' }), {
    message: /AUTH_HIDE_ACCOUNTS must be true or false/,
  })
})
