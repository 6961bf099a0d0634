import { openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { ensureFolder } from '../../bootstrap/ensure-folder.mjs'

const maxBytes = 20 * 1024 * 1024

/** Opens a log for appending, after putting a large one aside as `<file>.1`. The caller closes the descriptor. */
export function openLog(file: string): number {
  ensureFolder(dirname(file))
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size > maxBytes) renameSync(file, `${file}.1`)
  return openSync(file, 'a', 0o600)
}

/** The last lines of a log, indented for a message; '' when there is none. */
export function tailOfLog(file: string, lines = 15, fromByte = 0): string {
  try {
    const text = readFileSync(file).subarray(fromByte).toString('utf8').trimEnd()
    return text
      .split('\n')
      .slice(-lines)
      .map((line) => `  ${line}`)
      .join('\n')
  } catch {
    return ''
  }
}

/** How long a log is now, to read later only what was added. */
export function logSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
