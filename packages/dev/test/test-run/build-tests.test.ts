import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Teardown } from '@servicedesk/testing'
import t from 'tap'
import { repositoryRoot } from '../../src/config.ts'
import { buildTests } from '../../src/test-run/build-tests.ts'

const SUITE = { command: '', ending: '.late.ts', lints: false, isolated: false, jobs: 1, limitSeconds: 60 }

/** Builds test files of one folder and runs them as a process. */
async function run(t: Teardown, files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'servicedesk-built-'))
  t.teardown(async () => rmSync(root, { recursive: true }))
  symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'))
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(root, name), `import t from 'tap'\n${text}`)
  }
  const [bundle = ''] = (await buildTests(root, Object.keys(files), SUITE)).keys()
  return promisify(execFile)(process.execPath, [join(root, bundle)]).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }) => ({ code, stdout: String(stdout) }),
  )
}

t.test('a file that takes long to prepare itself is waited for', async (t) => {
  const { code, stdout } = await run(t, {
    'quick.late.ts': `
      t.teardown(() => t.comment('torn down'))
      t.test('quick', async (t) => t.pass())`,
    'slow.late.ts': `
      await new Promise((resolve) => setTimeout(resolve, 400))
      t.test('slow', async (t) => t.pass())`,
  })
  t.equal(code, 0, stdout)
  t.match(stdout, /ok 1 - quick[\s\S]*ok 2 - slow[\s\S]*# torn down/)
})

t.test('a file that cannot prepare itself fails its bundle', async (t) => {
  const { code, stdout } = await run(t, {
    'broken.late.ts': `throw new Error('no desk today')`,
    'whole.late.ts': `t.test('whole', async (t) => t.pass())`,
  })
  t.not(code, 0)
  t.match(stdout, /not ok[\s\S]*no desk today/)
})
