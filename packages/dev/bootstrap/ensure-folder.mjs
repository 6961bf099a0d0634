import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it. Not mkdir's own `recursive`, which never returns where the system answers ENOENT to
 * making a folder in an existing one (/proc), as Node 20 does.
 */
export function ensureFolder(folder, mode = 0o777) {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  if (dirname(folder) !== folder) ensureFolder(dirname(folder))
  try {
    mkdirSync(folder, mode)
  } catch (error) {
    if (error.code !== 'EEXIST' || !statSync(folder).isDirectory()) throw error
  }
}
