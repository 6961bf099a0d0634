import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalStore, type LocalStore } from '../../src/stores/local.ts'

/** A local store in a folder of its own, gone after the test. */
export async function tmpStore(t: { teardown(end: () => Promise<void>): void }): Promise<{
  store: LocalStore
  root: string
  /** Every file below the root, finished or not. */
  files(): Promise<string[]>
}> {
  const folder = await mkdtemp(join(tmpdir(), 'servicedesk-files-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const root = join(folder, 'store')
  const files = async () => {
    const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  }
  return { store: createLocalStore({ root }), root, files }
}
