import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { FileMissing, StoreFailed } from '../errors.ts'
import { assertKey } from '../keys.ts'
import type { FileStore } from './store.ts'
import { watchSource } from './upload-source.ts'

/** A store in a folder of this machine (or of a shared mount). */
export interface LocalStore extends FileStore {
  /** Removes what dead processes left half written before `olderThan`; answers how many files that were. */
  sweepTemporary(olderThan: Date): Promise<number>
}

// Inside the root, so that a finished file moves into place within one file system; keys cannot name it.
const TEMPORARY = '.tmp'
const MOVE_ATTEMPTS = 10

/**
 * Creates a store under `root`, an absolute path, which is made when the first file comes. A file is written
 * beside its place, flushed to the disk and then renamed, so a crash leaves either all of it or none.
 */
export function createLocalStore(options: { root: string }): LocalStore {
  const root = resolve(options.root)
  const pathOf = (key: string) => {
    assertKey(key)
    return join(root, ...key.split('/'))
  }

  return {
    async put(key, source) {
      const path = pathOf(key)
      const watched = watchSource(source)
      const temporary = join(root, TEMPORARY, randomUUID())
      try {
        await mkdir(dirname(temporary), { recursive: true })
        const bytes = await writeFlushed(temporary, watched.body)
        await moveIntoPlace(temporary, path)
        return { bytes }
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined)
        return watched.fail(isOfSystem(error) ? failure('put', error) : error)
      }
    },

    async open(key, range) {
      const handle = await openOrMissing(pathOf(key), key)
      return handle.createReadStream({ ...range })
    },

    async stat(key) {
      const found = await ifExists(stat(pathOf(key)), 'stat')
      return found?.isFile() ? { bytes: found.size } : null
    },

    async remove(key) {
      const path = pathOf(key)
      await ifExists(rm(path), 'remove')
      // The last file of a folder takes the folder with it; another one in it makes rmdir fail, as it should.
      for (let folder = dirname(path); folder !== root; folder = dirname(folder)) {
        const removed = await rmdir(folder).then(
          () => true,
          () => false,
        )
        if (!removed) break
      }
    },

    async *list() {
      const entries = (await ifExists(readdir(root, { recursive: true, withFileTypes: true }), 'list')) ?? []
      for (const entry of entries) {
        const path = join(entry.parentPath, entry.name)
        const key = relative(root, path).split(sep).join('/')
        if (!entry.isFile() || key.startsWith(`${TEMPORARY}/`)) continue
        const found = await ifExists(stat(path), 'list')
        if (found) yield { key, bytes: found.size, storedAt: found.mtime }
      }
    },

    async sweepTemporary(olderThan) {
      const folder = join(root, TEMPORARY)
      let swept = 0
      for (const name of (await ifExists(readdir(folder), 'sweep')) ?? []) {
        const found = await ifExists(stat(join(folder, name)), 'sweep')
        if (!found || found.mtime >= olderThan) continue
        await rm(join(folder, name), { force: true })
        swept += 1
      }
      return swept
    },
  }
}

async function writeFlushed(path: string, source: Readable): Promise<number> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await writeFile(handle, source)
    await handle.sync()
    return (await handle.stat()).size
  } finally {
    await handle.close()
  }
}

async function moveIntoPlace(from: string, to: string): Promise<void> {
  const folder = dirname(to)
  let made: string | undefined
  for (let attempt = 1; ; attempt++) {
    try {
      made = (await mkdir(folder, { recursive: true })) ?? made
      await rename(from, to)
      break
    } catch (error) {
      // `remove` may take an empty folder away between any two steps, those inside mkdir included.
      if (!isMissing(error) || attempt === MOVE_ATTEMPTS) throw error
    }
  }
  // A rename lasts once its folder is flushed, and a new folder once its parent is.
  const top = dirname(made ?? to)
  for (let path = folder; path.length >= top.length; path = dirname(path)) await flush(path)
}

async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function openOrMissing(path: string, key: string): Promise<FileHandle> {
  const handle = await ifExists(open(path, 'r'), 'open')
  if (!handle) throw new FileMissing(key)
  return handle
}

/** The result, or undefined when the file or folder is not there. @throws StoreFailed when the disk does not do `what` */
async function ifExists<T>(result: Promise<T>, what: string): Promise<T | undefined> {
  try {
    return await result
  } catch (error) {
    if (isMissing(error)) return undefined
    throw isOfSystem(error) ? failure(what, error) : error
  }
}

/** Whether an error comes from a call of the operating system, such as a disk that is full or not ours to write. */
function isOfSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'errno' in error
}

function failure(what: string, { code }: NodeJS.ErrnoException): StoreFailed {
  return new StoreFailed(`The folder of files: ${what} (${code})`)
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
