import { describeRedis, readRedisConnection, readRedisPrefix } from '@servicedesk/jobs'
import t from 'tap'

function read(env: NodeJS.ProcessEnv) {
  const problems: string[] = []
  return { connection: readRedisConnection(env, problems), problems }
}

t.test('one server, sentinels or a cluster', async (t) => {
  const none = { username: undefined, password: undefined, tls: false }
  const cases: [NodeJS.ProcessEnv, object][] = [
    [{ REDIS_URL: ' redis://a:6380/2 ' }, { kind: 'single', url: 'redis://a:6380/2' }],
    [{ REDIS_URL: 'rediss://u:p@a' }, { kind: 'single', url: 'rediss://u:p@a' }],
    [
      { REDIS_SENTINELS: 'a:26380, b', REDIS_URL: '', REDIS_PASSWORD: 'p', REDIS_SENTINEL_PASSWORD: 's' },
      {
        ...none,
        kind: 'sentinel',
        sentinels: [
          { host: 'a', port: 26380 },
          { host: 'b', port: 26379 },
        ],
        name: 'mymaster',
        password: 'p',
        sentinelPassword: 's',
      },
    ],
    [
      { REDIS_SENTINELS: 'rediss://a:1', REDIS_SENTINEL_NAME: 'desk', REDIS_USERNAME: 'u' },
      {
        ...none,
        kind: 'sentinel',
        sentinels: [{ host: 'a', port: 1 }],
        name: 'desk',
        sentinelPassword: undefined,
        username: 'u',
        tls: true,
      },
    ],
    [
      { REDIS_CLUSTER_NODES: '10.0.0.1:7000,[::1]:7001,c', REDIS_PASSWORD: 'p' },
      {
        ...none,
        kind: 'cluster',
        nodes: [
          { host: '10.0.0.1', port: 7000 },
          { host: '::1', port: 7001 },
          { host: 'c', port: 6379 },
        ],
        password: 'p',
      },
    ],
  ]
  for (const [env, connection] of cases) t.strictSame(read(env), { connection, problems: [] })
})

t.test('REDIS_PASSWORD serves an address that has no user info, and no other', async (t) => {
  const access = { REDIS_USERNAME: 'me', REDIS_PASSWORD: 'a/b@c' }
  t.match(read({ REDIS_URL: 'redis://a', ...access }).connection, { url: 'redis://me:a%2Fb%40c@a' })
  t.match(read({ REDIS_URL: 'redis://:own@a', ...access }).connection, { url: 'redis://:own@a' })
})

t.test('every problem is named', async (t) => {
  const cases: [NodeJS.ProcessEnv, string[]][] = [
    [{}, ['REDIS_URL is not set (nor REDIS_SENTINELS or REDIS_CLUSTER_NODES)']],
    [
      { REDIS_URL: 'http://a', REDIS_CLUSTER_NODES: 'a' },
      [
        'only one of REDIS_URL and REDIS_CLUSTER_NODES may be set',
        'REDIS_URL must be a redis:// or rediss:// address',
      ],
    ],
    [
      { REDIS_SENTINELS: 'a:b, ,c:99999,redis://u:p@d,e/1,f:0' },
      ['a:b', '', 'c:99999', 'redis://u:p@d', 'e/1', 'f:0'].map(
        (entry) => `REDIS_SENTINELS: "${entry}" is not host:port`,
      ),
    ],
    [
      { REDIS_CLUSTER_NODES: 'rediss://a:1,b:2' },
      ['REDIS_CLUSTER_NODES: rediss:// must stand before all addresses or before none'],
    ],
  ]
  for (const [env, problems] of cases) t.strictSame(read(env).problems, problems)
})

t.test('a prefix needs a hash tag that Redis takes for one', async (t) => {
  const problemsOf = (REDIS_PREFIX: string) => {
    const problems: string[] = []
    readRedisPrefix({ REDIS_PREFIX }, problems)
    return problems
  }
  for (const good of ['{desk}', 'it:{desk}:2', '{a}{b}', '{a{b}', ''])
    t.strictSame(problemsOf(good), [], good)
  for (const bad of ['desk', '{}', '{}{desk}', '}desk{', '{desk']) {
    t.match(problemsOf(bad), [/^REDIS_PREFIX must hold a hash tag in braces/], bad)
  }
  t.equal(readRedisPrefix({}, []), '{servicedesk}')
})

t.test('a message names the servers and no password', async (t) => {
  const describe = (env: NodeJS.ProcessEnv) => Object.values(describeRedis(read(env).connection)).join(' ')
  t.equal(describe({ REDIS_URL: 'redis://u:secret@a:1/0' }), 'REDIS_URL a:1')
  t.equal(
    describe({ REDIS_SENTINELS: 'a,[::1]:5', REDIS_PASSWORD: 'secret' }),
    'REDIS_SENTINELS mymaster of a:26379, [::1]:5',
  )
  t.equal(describe({ REDIS_CLUSTER_NODES: 'a', REDIS_PASSWORD: 'secret' }), 'REDIS_CLUSTER_NODES a:6379')
})
