import { createServer } from 'node:net'
import type { RedisConnection } from '@servicedesk/jobs'
import { testServers } from '@servicedesk/testing'
import t from 'tap'
import { checkRedis } from '../../src/redis/check-redis.ts'

const url = testServers().redisUrl
const at = (url: string): RedisConnection => ({ kind: 'single', url })

t.test('a Redis that answers is taken', async (t) => {
  t.equal(await checkRedis(at(url)), url)
})

t.test('one that is not there, or lets nobody in, is told of in one sentence', async (t) => {
  await t.rejects(checkRedis(at('redis://127.0.0.1:1')), {
    name: 'UserError',
    message: /^The Redis at 127\.0\.0\.1:1 cannot be used \(.*ECONNREFUSED.*\): [^.]*\.$/,
  })
  const wrong = new URL(url)
  wrong.username = 'somebody'
  wrong.password = 'a guess'
  await t.rejects(checkRedis(at(wrong.toString())), {
    name: 'UserError',
    message: /cannot be used \(WRONGPASS/,
  })
})

t.test('what is no Redis is none', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.end('220 mail.example ESMTP\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  await t.rejects(checkRedis(at(`redis://127.0.0.1:${port}`)), {
    name: 'UserError',
    message: /cannot be used/,
  })
})
