import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import t from 'tap'
import { clearLeftover, pidFile } from '../../src/postgres/leftover.ts'
import { startPostgres } from '../../src/postgres/start-postgres.ts'
import { clearScratch, makeScratch } from '../../src/test-run/scratch.ts'

// Not t.testdir: as root PostgreSQL runs as another user, who must be able to reach the folder.
const scratch = makeScratch()
const said: string[] = []
const options = {
  dataDir: join(scratch, 'pg'),
  settings: { fsync: 'off' },
  log: (line: string) => said.push(line),
}

async function query(url: string, text: string): Promise<string[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return (await sql.unsafe(text).values()).flat().map(String)
  } finally {
    await sql.end()
  }
}

t.test('a PostgreSQL of our own', async (t) => {
  const first = await startPostgres(options)
  t.teardown(() => clearLeftover(options.dataDir, () => {}))

  await t.test('has a UTF-8 database whatever LANG is, and the settings asked for', async (t) => {
    const shown = 'SELECT current_database(), pg_encoding_to_char(encoding), datlocale FROM pg_database'
    t.strictSame(await query(first.url, `${shown} WHERE datname = current_database()`), [
      'servicedesk',
      'UTF8',
      'C.UTF-8',
    ])
    t.strictSame(await query(first.url, 'SHOW fsync'), ['off'])
  })

  await t.test('lets nobody in without its password', async (t) => {
    const stranger = new URL(first.url)
    stranger.password = 'guess'
    await t.rejects(query(stranger.href, 'SELECT 1'), { code: '28P01' })
  })

  await t.test('killed, it starts again on the same port with what was committed', async (t) => {
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS n')
    process.kill(first.pid, 'SIGKILL')
    t.equal(await first.exited, 'SIGKILL')
    const second = await startPostgres({ ...options, port: first.port })
    t.equal(second.url, first.url)
    t.strictSame(await query(second.url, 'SELECT n FROM kept'), ['42'])
  })

  await t.test('the server of a run that was killed is stopped, and its data taken on', async (t) => {
    said.length = 0
    const third = await startPostgres(options)
    t.match(said, ['Stopping the PostgreSQL of an earlier run that was killed'])
    t.strictSame(await query(third.url, 'SELECT n FROM kept'), ['42'])
    t.equal(await third.stop(), true, 'by itself')
    t.equal(await third.exited, 'exit code 0')
  })

  await t.test("a pid file that names somebody else's process does not stop the start", async (t) => {
    writeFileSync(pidFile(options.dataDir), `${process.ppid}\n${options.dataDir}\n`)
    const fourth = await startPostgres(options)
    t.match(readFileSync(pidFile(options.dataDir), 'utf8'), new RegExp(`^${fourth.pid}\n`))
    await fourth.stop()
  })

  await t.test('a start that is given up leaves nothing running', async (t) => {
    const signal = AbortSignal.abort(new Error('given up'))
    // It may have been ready at once; then it is ours to stop.
    const outcome = await startPostgres({ ...options, signal }).then(
      (server) => server.stop(),
      (error) => error.message,
    )
    t.ok(outcome === true || outcome === 'given up')
    t.throws(() => readFileSync(pidFile(options.dataDir)), { code: 'ENOENT' })
  })
})

t.test('a folder that holds something else is refused in words', async (t) => {
  const dataDir = join(scratch, 'other')
  mkdirSync(dataDir)
  await t.rejects(startPostgres({ ...options, dataDir }), {
    name: 'UserError',
    message: /holds no PostgreSQL data/,
  })
  writeFileSync(join(dataDir, 'PG_VERSION'), '15\n')
  await t.rejects(startPostgres({ ...options, dataDir }), { name: 'UserError', message: /version 15/ })
})

t.teardown(() => clearScratch(scratch))
