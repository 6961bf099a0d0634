import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { groupName, groupTests } from '../../src/test-run/group-tests.ts'

const root = mkdtempSync(join(tmpdir(), 'servicedesk-groups-'))
t.teardown(() => rmSync(root, { recursive: true }))

/** Writes test files and groups them; the names of each group's files without folder and ending. */
function groups(files: readonly string[], { isolated = false, text = '' } = {}) {
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return groupTests(root, files, { isolated })
}
const many = (folder: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${folder}/${index}.test.ts`)

t.test('small folders of a package share a process, in the order of their files', async (t) => {
  const [core, ...more] = groups([...many('packages/core/test/a', 2), ...many('packages/core/test/b', 3)])
  t.strictSame(core?.files, [...many('packages/core/test/a', 2), ...many('packages/core/test/b', 3)])
  t.equal(core && groupName(core), 'packages/core/test/a/ {0, 1} packages/core/test/b/ {0, 1, 2}')
  t.strictSame(more, [])
})

t.test('a large folder is never cut, packages never share, and the largest goes first', async (t) => {
  const large = many('packages/core/test/large', 12)
  const files = [
    ...many('apps/api/test', 1),
    ...many('packages/core/test/a', 7),
    ...large,
    ...many('packages/core/test/z', 2),
  ]
  t.strictSame(
    groups(files).map((group) => group.files.length),
    [12, 7, 2, 1],
  )
})

t.test('a file with hooks at its top is alone, and so is every file of an isolated suite', async (t) => {
  const hooked = groups(['apps/api/test/hooked.test.ts'], {
    text: `import t from 'tap'\nt.beforeEach(() => {})\n`,
  })
  t.strictSame(hooked, [{ bundle: 'apps/api/test/hooked.test', files: ['apps/api/test/hooked.test.ts'] }])
  t.equal(groups(['apps/api/test/hooked.test.ts', 'apps/api/test/plain.test.ts']).length, 1)
  t.equal(groups(many('apps/api/test', 3), { isolated: true }).length, 3)
})

t.test('every file is in one group and every bundle has a path of its own', async (t) => {
  const files = [3, 8, 9, 1, 4].flatMap((count, index) =>
    many(`packages/p${index % 2}/test/f${index}`, count),
  )
  const made = groups(files)
  t.strictSame(made.flatMap((group) => group.files).sort(), [...files].sort())
  t.equal(new Set(made.map((group) => group.bundle)).size, made.length)
})
