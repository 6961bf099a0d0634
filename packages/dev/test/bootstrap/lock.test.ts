import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { tryLock, withLock } from '../../bootstrap/lock.mjs'
import { processIdentity } from '../../bootstrap/process-identity.mjs'
import { linesOf } from '../helpers/lines-of.ts'

const lockModule = JSON.stringify(new URL('../../bootstrap/lock.mjs', import.meta.url).href)

/** A process that takes the lock and keeps it until killed. */
function holder(file: string) {
  const script = `import { tryLock } from ${lockModule}
    console.log('owner', tryLock(${JSON.stringify(file)}).owner)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script])
  return { child, lines: linesOf(child) }
}

t.test('a lock that is held names its holder', async (t) => {
  const file = join(t.testdir(), 'lock')
  const { child, lines } = holder(file)
  t.teardown(() => child.kill('SIGKILL'))
  t.equal(await lines.waitFor(/owner/), 'owner undefined')
  t.equal(tryLock(file).owner, child.pid)
})

t.test('a lock whose holder was killed is taken over, also when its pid lives on', async (t) => {
  const file = join(t.testdir(), 'lock')
  const { child, lines } = holder(file)
  await lines.waitFor(/owner/)
  child.kill('SIGKILL')
  await lines.ended
  t.equal(tryLock(file).owner, undefined)

  writeFileSync(file, JSON.stringify({ pid: process.ppid, identity: 'of a process long gone' }))
  const lock = tryLock(file)
  t.equal(lock.owner, undefined)
  t.equal(JSON.parse(readFileSync(file, 'utf8')).pid, process.pid)
  lock.release?.()
  t.notOk(existsSync(file))
})

t.test('of many that meet a stale lock at the same moment one gets it', async (t) => {
  const file = join(t.testdir({ lock: '{"pid":1,"identity":"x"}' }), 'lock')
  const holders = Array.from({ length: 6 }, () => holder(file))
  t.teardown(() => {
    for (const { child } of holders) child.kill('SIGKILL')
  })
  const answers = await Promise.all(holders.map(({ lines }) => lines.waitFor(/owner/)))
  t.equal(answers.filter((answer) => answer === 'owner undefined').length, 1)
})

t.test('withLock waits for the other and gives the lock back when the work fails', async (t) => {
  const file = join(t.testdir(), 'lock')
  const order: string[] = []
  const first = withLock(file, async () => {
    await new Promise(setImmediate)
    order.push('first')
    throw new Error('no luck')
  })
  const second = withLock(file, async () => order.push('second'))
  await t.rejects(first, { message: 'no luck' })
  await second
  t.strictSame(order, ['first', 'second'])
  t.notOk(existsSync(file))
})

t.test('a process is told from a later one with the same pid, and a dead one from both', async (t) => {
  t.equal(processIdentity(process.pid), processIdentity(process.pid))
  t.not(processIdentity(process.pid), processIdentity(process.ppid))
  const { pid } = spawnSync(process.execPath, ['-e', '0'])
  t.equal(processIdentity(pid), undefined)
})
