import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { ensureFolder } from '../../bootstrap/ensure-folder.mjs'
import { tryLock } from '../../bootstrap/lock.mjs'
import { UserError } from '../user-error.ts'

/**
 * Takes a data folder for this process alone, making it when missing. A lock whose owner was killed is taken over.
 * @returns what gives it back
 * @throws UserError when it cannot be written to, or another start works on it
 */
export function takeDataDir(dataDir: string): () => void {
  const lock = lockIn(dataDir)
  if (lock.owner !== undefined) {
    throw new UserError(
      `ServiceDesk already runs on ${dataDir} (process ${lock.owner}): stop it, or set DATA_DIR to another folder.`,
    )
  }
  return lock.release
}

function lockIn(dataDir: string): ReturnType<typeof tryLock> {
  try {
    ensureFolder(dataDir)
    accessSync(dataDir, constants.W_OK | constants.X_OK)
    return tryLock(join(dataDir, 'servicedesk.lock'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const why = reasons[code] ?? code
    throw new UserError(
      `DATA_DIR (${dataDir}) cannot be used (${why}): set it to a folder that can be written to.`,
    )
  }
}

const reasons: Record<string, string | undefined> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'read-only',
  EEXIST: 'no folder',
  ENOTDIR: 'no folder',
  ENOENT: 'no folder can be made there',
  ENOSPC: 'the disk is full',
}
