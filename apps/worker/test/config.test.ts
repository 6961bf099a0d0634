import { readConfig } from '@servicedesk/worker'
import t from 'tap'

const enough = { DATABASE_URL: 'postgres://a/b', JWT_SECRET_KEY: 'a secret of the tests that is long enough' }

t.test('Redis may be one server, sentinels or a cluster', async (t) => {
  t.match(readConfig({ ...enough, REDIS_URL: 'redis://a:1' }).redis, { kind: 'single', url: 'redis://a:1' })
  t.match(readConfig({ ...enough, REDIS_SENTINELS: 'a:1' }).redis, { kind: 'sentinel' })
  t.match(readConfig({ ...enough, REDIS_CLUSTER_NODES: 'a:1' }).redis, { kind: 'cluster' })
})

t.test('mail: the window and the name of the desk', async (t) => {
  const set = { ...enough, REDIS_URL: 'redis://a' }
  t.match(readConfig(set), {
    mailGroupSeconds: 60,
    productName: 'ServiceDesk',
    mailFrom: 'ServiceDesk <servicedesk@localhost>',
  })
  t.match(readConfig({ ...set, MAIL_GROUP_SECONDS: '0', PRODUCT_NAME: ' Hilfe & Mehr ' }), {
    mailGroupSeconds: 0,
    productName: 'Hilfe & Mehr',
    mailFrom: 'Hilfe & Mehr <servicedesk@localhost>',
  })
  for (const MAIL_GROUP_SECONDS of ['3601', '-1', '1.5', 'soon'])
    t.throws(() => readConfig({ ...set, MAIL_GROUP_SECONDS }), { message: /MAIL_GROUP_SECONDS must be/ })
  for (const PRODUCT_NAME of ['a\r\nBcc: b', 'a\u2028b', '<a>', 'x'.repeat(61)])
    t.throws(() => readConfig({ ...set, PRODUCT_NAME }), { message: /PRODUCT_NAME must be/ })
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

t.test('numbers that cannot be are named beside all others', async (t) => {
  const env = { ...enough, REDIS_URL: 'redis://a', WORKER_PORT: '70000', SHUTDOWN_TIMEOUT: '0.5' }
  t.throws(() => readConfig(env), { message: /WORKER_PORT must be a whole number up to 65535, not "70000"/ })
  t.throws(() => readConfig(env), { message: /SHUTDOWN_TIMEOUT must be a whole number up to \d+, not "0.5"/ })
  t.throws(() => readConfig({ ...enough, WORKER_NICE: '-1' }), {
    message: /WORKER_NICE must be a whole number/,
  })
  t.match(readConfig({ ...env, WORKER_PORT: '', SHUTDOWN_TIMEOUT: '3' }), {
    healthPort: undefined,
    shutdownTimeoutMs: 3_000,
  })
})
