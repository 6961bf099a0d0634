import { chmodSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t from 'tap'
import { readTestConfig } from '../../src/config.ts'
import { findRedis } from '../../src/redis/find-redis.ts'
import { redisAnswers } from '../../src/redis/ping.ts'
import { clearLeftover } from '../../src/redis/redis-record.ts'
import { startRedis } from '../../src/redis/start-redis.ts'

const quiet = () => {}

async function ask<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', quiet)
  try {
    await redis.connect()
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}

t.test('a Redis of our own', async (t) => {
  const program = await findRedis({ ...readTestConfig(t.testdirName).redis, log: quiet })
  const said: string[] = []
  const options = { program, dataDir: t.testdir(), appendOnly: true, log: (line: string) => said.push(line) }
  const first = await startRedis(options)
  t.teardown(() => clearLeftover(options.dataDir, quiet))

  await t.test('evicts nothing, listens on this machine only and asks for its password', async (t) => {
    t.strictSame(await ask(first.url, (redis) => redis.config('GET', 'maxmemory-policy')), [
      'maxmemory-policy',
      'noeviction',
    ])
    t.strictSame(await ask(first.url, (redis) => redis.config('GET', 'bind')), ['bind', '127.0.0.1'])
    t.equal(await redisAnswers(first.port, 'guess'), false)
  })

  await t.test('killed, it starts again on the same port with its data', async (t) => {
    await ask(first.url, (redis) => redis.set('kept', '42'))
    process.kill(first.pid, 'SIGKILL')
    t.equal(await first.exited, 'SIGKILL')
    const second = await startRedis({ ...options, port: first.port })
    t.equal(second.url, first.url)
    t.equal(await ask(second.url, (redis) => redis.get('kept')), '42')
  })

  await t.test('the server of a run that was killed is stopped, and its data taken on', async (t) => {
    said.length = 0
    const third = await startRedis(options)
    t.match(said, ['Stopping the Redis of an earlier run that was killed'])
    t.equal(await ask(third.url, (redis) => redis.get('kept')), '42')
    t.equal(await third.stop(), true, 'by itself')
    t.equal(await third.exited, 'exit code 0')
  })

  await t.test('with a ruined append-only file it starts empty, and the file is kept aside', async (t) => {
    const folder = join(options.dataDir, 'appendonlydir')
    for (const name of readdirSync(folder))
      writeFileSync(join(folder, name), 'not what Redis wrote\r\n'.repeat(9))
    const fourth = await startRedis(options)
    t.equal(await ask(fourth.url, (redis) => redis.get('kept')), null)
    t.equal(
      readdirSync(options.dataDir).filter((name) => name.startsWith('appendonlydir.unreadable-')).length,
      1,
    )
    await fourth.stop()
  })
})

t.test('finding a Redis', async (t) => {
  const fake = (version: string) => `#!/bin/sh\necho "Redis server v=${version} sha=0"\n`
  const folder = t.testdir({
    old: { 'redis-server': fake('5.0.7') },
    new: { 'valkey-server': fake('8.1.0') },
    closed: {},
  })
  for (const file of ['old/redis-server', 'new/valkey-server']) chmodSync(join(folder, file), 0o755)
  const path = (...names: string[]) => names.map((name) => join(folder, name)).join(':')

  const found = await findRedis({ path: path('old', 'closed', 'new'), cacheDirs: [], log: quiet })
  t.equal(found.file, join(folder, 'new', 'valkey-server'), 'the first that is new enough')

  const nowhere = findRedis({ path: path('old'), cacheDirs: ['/proc/servicedesk'], log: quiet })
  await t.rejects(nowhere, { name: 'UserError', message: /^There is no Redis [^\n]* set REDIS_URL [^\n]*$/ })
})
