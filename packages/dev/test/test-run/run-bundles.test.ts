import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Teardown } from '@servicedesk/testing'
import t from 'tap'
import { repositoryRoot } from '../../src/config.ts'
import { processIdentity, waitUntilGone } from '../../src/process/process-table.ts'
import { runBundles } from '../../src/test-run/run-bundles.ts'
import { tapReport } from '../../src/test-run/tap-report.ts'

/** Runs programs as if they were built tests; they lie where tap can be found. */
function setUp(t: Teardown, programs: Record<string, string>, jobs = 1, limitSeconds = 60) {
  const root = mkdtempSync(join(tmpdir(), 'servicedesk-bundles-'))
  t.teardown(async () => rmSync(root, { recursive: true }))
  symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'))
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(root, `${name}.mjs`), text)
  const printed: string[] = []
  const report = tapReport((line) => printed.push(line))
  const built = new Map(Object.keys(programs).map((name) => [`${name}.mjs`, name]))
  const abort = new AbortController()
  const run = (before = Promise.resolve()) =>
    runBundles(
      built,
      { jobs, limitSeconds },
      report,
      { cwd: root, env: process.env, signal: abort.signal },
      before,
    )
  return { root, printed, counts: report.counts, abort, run }
}

const IMPORT = `import t from 'tap'\n`

t.test('good and bad bundles are told apart', async (t) => {
  const { run, printed, counts } = setUp(
    t,
    {
      good: `${IMPORT}t.test('good', async (t) => t.pass())`,
      bad: `${IMPORT}console.error('a warning')\nt.test('bad', async (t) => t.equal(1, 2))`,
      empty: IMPORT,
      crashes: `${IMPORT}t.test('good', async (t) => t.pass())\nprocess.abort()`,
      leaves: `${IMPORT}t.test('good', async (t) => t.pass())\nt.test('out', async () => process.exit(0))`,
    },
    3,
  )
  await run()
  const text = printed.join('\n')
  t.match(text, /^ok {2}good {2}\(1 passed, 0 failed/m)
  t.match(text, /^FAIL {2}bad {2}\(0 passed, 1 failed[\s\S]*not ok 1 - bad[\s\S]*a warning/m)
  t.match(text, /^FAIL {2}empty .*\n {2}it ran no test/m)
  t.match(text, /^FAIL {2}crashes [\s\S]*it was killed by SIGABRT/m)
  t.match(text, /^FAIL {2}leaves /m)
  t.strictSame(counts, { passed: 2, failed: 4, skipped: 0 })
})

t.test('what does not end is killed, whether it waits or is busy', async (t) => {
  const programs = {
    waits: `${IMPORT}setInterval(() => {}, 1000)\nt.test('patient', () => new Promise(() => {}))`,
    spins: `${IMPORT}t.test('restless', async () => { for (;;); })`,
  }
  const { run, printed, counts } = setUp(t, programs, 2, 1)
  await run()
  for (const name of Object.keys(programs)) {
    const [, after = ''] = printed.join('\n').split(`FAIL  ${name} `)
    t.match(after.split('FAIL')[0], /\n {2}it ran longer than it may, and was killed/)
  }
  t.strictSame(counts, { passed: 0, failed: 2, skipped: 0 })
})

t.test('no more run at a time than may', async (t) => {
  const alone = `import { existsSync, rmSync, writeFileSync } from 'node:fs'
    ${IMPORT}t.test('alone', async (t) => {
      t.notOk(existsSync('busy'))
      writeFileSync('busy', '')
      await new Promise((resolve) => setImmediate(resolve))
      rmSync('busy')
    })`
  const { run, counts } = setUp(t, { one: alone, two: alone, three: alone })
  await run()
  t.strictSame(counts, { passed: 3, failed: 0, skipped: 0 })
})

t.test(
  'what comes before is waited for where it takes the only place, and its end ends the run',
  async (t) => {
    const { run, printed } = setUp(t, { good: `${IMPORT}t.test('good', async (t) => t.pass())` })
    await t.rejects(run(Promise.reject(new Error('Stopped before'))), { message: 'Stopped before' })
    t.strictSame(printed, [])
  },
)

t.test('a stop ends what runs with all it started, and begins nothing more', async (t) => {
  const { root, abort, run, printed } = setUp(t, {
    first: `import { spawn } from 'node:child_process'
      spawn(process.execPath, ['deaf.js'], { stdio: 'ignore' })
      setInterval(() => {}, 1000)`,
    second: `import { writeFileSync } from 'node:fs'\nwriteFileSync('second', '')`,
  })
  // Told to stop, it stays.
  writeFileSync(
    join(root, 'deaf.js'),
    `process.on('SIGTERM', () => {})
      setInterval(() => {}, 1000)
      const { renameSync, writeFileSync } = require('node:fs')
      writeFileSync('pid.new', String(process.pid))
      renameSync('pid.new', 'pid')`,
  )
  const watcher = watch(root)
  const running = run()
  while (!existsSync(join(root, 'pid'))) await once(watcher, 'change')
  watcher.close()
  const child = Number(readFileSync(join(root, 'pid'), 'utf8'))
  const identity = processIdentity(child) ?? ''
  abort.abort(new Error('Stopped by hand'))
  await t.rejects(running, { message: 'Stopped by hand' })
  // A kill takes effect a moment after it was sent.
  t.ok(await waitUntilGone(child, identity, 5_000))
  t.notOk(existsSync(join(root, 'second')))
  t.strictSame(printed, [])
})
