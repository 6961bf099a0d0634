import { readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import type { Suite } from './suites.ts'

/** Folders share a process up to so many files; a larger folder has one of its own. */
const SHARED_FILES = 8

/** Test files that one process runs, by their paths from the root, and the path that their bundle has without its ending. */
export interface TestGroup {
  bundle: string
  files: string[]
}

/**
 * Which test files share a process: those of a folder, and neighbouring small folders of a package, because starting a
 * process and finding some hundred modules takes longer than most files' tests.
 * @param files paths from the root
 */
export function groupTests(
  root: string,
  files: readonly string[],
  suite: Pick<Suite, 'isolated'>,
): TestGroup[] {
  const paths = files.map((file) => relative(root, join(root, file)))
  const isAlone = (file: string) => suite.isolated || hasHooks(join(root, file))
  const alone = paths.filter(isAlone).map((file) => ({ bundle: file.replace(/\.ts$/, ''), files: [file] }))
  const folders = new Map<string, string[]>()
  for (const file of paths.filter((each) => !isAlone(each))) {
    folders.set(dirname(file), [...(folders.get(dirname(file)) ?? []), file])
  }
  const shared: TestGroup[] = []
  for (const [folder, of] of folders) {
    const last = shared.find(
      (group) =>
        packageOf(group.bundle) === packageOf(folder) && group.files.length + of.length <= SHARED_FILES,
    )
    if (last === undefined) shared.push({ bundle: join(folder, 'all.test'), files: of })
    else last.files.push(...of)
  }
  // What takes longest first, so that no process is left running alone at the end.
  return [...shared.sort((a, b) => b.files.length - a.files.length), ...alone]
}

/** A hook at the top is for every test of the process, so its file must be alone. */
function hasHooks(file: string): boolean {
  return /^t\.(?:before|after)/m.test(readFileSync(file, 'utf8'))
}

/** Of `packages/core/test/…`, the first two. */
const packageOf = (path: string) => path.split('/').slice(0, 2).join('/')

/** What people call a group: its file, or its folders with their files. */
export function groupName({ files }: TestGroup): string {
  const [first = '', ...more] = files
  if (more.length === 0) return first
  const folders = [...new Set(files.map((file) => dirname(file)))]
  const names = (folder: string) =>
    files.filter((file) => dirname(file) === folder).map((file) => basename(file, '.test.ts'))
  return folders.map((folder) => `${folder}/ {${names(folder).join(', ')}}`).join(' ')
}
