import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testServers } from '@servicedesk/testing'
import t, { type Test } from 'tap'
import { freePort } from '../../src/process/ports.ts'
import { processIdentity } from '../../src/process/process-table.ts'
import { clearLeftoverPrograms, type RunRecord, readRunRecord } from '../../src/start/run-record.ts'
import { linesOf } from '../helpers/lines-of.ts'

// Stores that are set are not started. The fakes never call them; the start itself asks Redis for an answer.
const stores = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', REDIS_URL: testServers().redisUrl }

/** Starts the supervisor over fakes; whatever is left of it ends with the test. */
function start(t: Test, dataDir: string, env: NodeJS.ProcessEnv = {}) {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../fixtures/start-fakes.mjs', import.meta.url))],
    {
      env: { PATH: process.env.PATH, ...stores, DATA_DIR: dataDir, PORT: '0', ...env },
    },
  )
  t.teardown(() => child.kill('SIGKILL'))
  return { child, ...linesOf(child) }
}

const events = (dataDir: string) => readFileSync(join(dataDir, 'events.log'), 'utf8').trim().split('\n')
const record = (dataDir: string): RunRecord => readRunRecord(dataDir)!

t.test('it runs everything, shows where, and stops in order', async (t) => {
  const dataDir = t.testdir()
  const { child, waitFor, ended, text } = start(t, dataDir, { PORT: String(await freePort()) })
  await waitFor(/Logs/)
  const { url, processes } = record(dataDir)
  for (const wanted of [`${url}/api/v1`, `${url}/docs`, `${url}/admin/queues`, join(dataDir, 'mailbox')]) {
    t.match(text(), wanted)
  }
  t.notMatch(text(), 'servicedesk-demo', 'no sign-ins that do not exist')
  t.equal(await (await fetch(url)).text(), 'api')
  t.equal(statSync(join(dataDir, 'secrets', 'jwt')).mode & 0o777, 0o600)
  t.equal(statSync(join(dataDir, 'run.json')).mode & 0o777, 0o600)

  child.kill('SIGTERM')
  child.kill('SIGTERM') // As npm does, which hands on what the terminal has sent already.
  t.equal(await ended, 0)
  t.strictSame(events(dataDir).slice(-3), ['api stop', 'worker stop', 'mail stop'])
  for (const { pid } of Object.values(processes)) t.equal(processIdentity(pid), undefined)
  t.equal(readRunRecord(dataDir), undefined)
})

t.test('a program that dies is started again', async (t) => {
  const dataDir = t.testdir()
  const { child, waitFor, ended } = start(t, dataDir)
  await waitFor(/Logs/)
  const before = record(dataDir).processes
  process.kill(before.worker!.pid, 'SIGKILL')
  await waitFor(/worker runs again/)
  const after = record(dataDir).processes
  t.not(after.worker!.pid, before.worker!.pid)
  t.equal(after.api!.pid, before.api!.pid)
  child.kill('SIGINT')
  t.equal(await ended, 0)
})

t.test('after a kill -9 its programs end by themselves, and the next start takes over', async (t) => {
  const dataDir = t.testdir()
  const port = String(await freePort())
  const first = start(t, dataDir, { PORT: port })
  await first.waitFor(/Logs/)
  first.child.kill('SIGKILL')
  await first.ended
  const second = start(t, dataDir, { PORT: port })
  await second.waitFor(/Logs/)
  t.equal(events(dataDir).filter((event) => event.endsWith('orphaned')).length, 3)
  second.child.kill('SIGTERM')
  t.equal(await second.ended, 0)
})

t.test('an orphan that does not end is killed by the next start', async (t) => {
  const orphan = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const pid = orphan.pid!
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  t.teardown(() => other.kill('SIGKILL'))
  const dataDir = t.testdir()
  const processes = { api: { pid, identity: processIdentity(pid) }, redis: { pid: other.pid, identity: 'x' } }
  writeFileSync(join(dataDir, 'run.json'), JSON.stringify({ processes }))
  await clearLeftoverPrograms(dataDir, ['api', 'worker'], 1)
  t.equal(processIdentity(pid), undefined)
  t.ok(processIdentity(other.pid!), 'nobody else is')
  t.equal(readRunRecord(dataDir), undefined)
})

t.test('one that cannot start ends it all with the tail of its log', async (t) => {
  const dataDir = t.testdir()
  const { ended, text } = start(t, dataDir, { FAKE_api: 'crash' })
  t.equal(await ended, 1)
  t.match(text(), /api ended before it was ready \(exit code 3\)\.\n.*\n {2}the reason why it cannot start/)
  t.equal(events(dataDir).filter((event) => event === 'api start').length, 3)
  t.ok(events(dataDir).includes('mail stop'), 'what had started is stopped')
})

t.test('what makes a start impossible is one sentence', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address ? String(address.port) : ''

  const dataDir = t.testdir({ busy: {}, file: '' })
  const running = start(t, join(dataDir, 'busy'))
  await running.waitFor(/Logs/)
  const cases: [string, NodeJS.ProcessEnv, RegExp][] = [
    ['a taken port', { PORT: port }, /^Port \d+ on 127\.0\.0\.1 is taken by another program: [^\n]*\.\n$/],
    [
      'an address of another machine',
      { HOST: '192.0.2.1' },
      /^ServiceDesk cannot listen on 192\.0\.2\.1 [^\n]*\.\n$/,
    ],
    [
      'a DATA_DIR in use',
      { DATA_DIR: join(dataDir, 'busy') },
      /^ServiceDesk already runs on [^\n]* \(process \d+\)[^\n]*\.\n$/,
    ],
    [
      'a DATA_DIR that is a file',
      { DATA_DIR: join(dataDir, 'file') },
      /^DATA_DIR \([^\n]*\) cannot be used \([^\n]*\.\n$/,
    ],
    [
      'a DATA_DIR that cannot be',
      { DATA_DIR: '/proc/servicedesk' },
      /^DATA_DIR \([^\n]*\) cannot be used \([^\n]*\.\n$/,
    ],
    [
      'a Redis that is not there',
      { REDIS_URL: 'redis://127.0.0.1:1' },
      /^The Redis at 127\.0\.0\.1:1 cannot be used \([^\n]*\): [^\n]*\.\n$/,
    ],
    ['a port that is none', { PORT: 'http' }, /^PORT must be [^\n]*\.\n$/],
  ]
  await Promise.all(
    cases.map(async ([name, env, message]) => {
      const { ended, text } = start(t, join(dataDir, name.replaceAll(' ', '-')), env)
      t.equal(await ended, 1, name)
      t.match(text(), message, name)
    }),
  )
  running.child.kill('SIGTERM')
  await running.ended
})

t.test('a stale lock and a stale record of dead programs are no obstacle', async (t) => {
  const dataDir = t.testdir()
  const identity = 'of a process long gone'
  writeFileSync(join(dataDir, 'servicedesk.lock'), JSON.stringify({ pid: process.pid, identity }))
  writeFileSync(
    join(dataDir, 'run.json'),
    JSON.stringify({ processes: { api: { pid: process.pid, identity } } }),
  )
  const { child, waitFor, ended } = start(t, dataDir)
  await waitFor(/Logs/)
  child.kill('SIGTERM')
  t.equal(await ended, 0)
})
