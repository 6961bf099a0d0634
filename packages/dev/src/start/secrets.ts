import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ensureFolder } from '../../bootstrap/ensure-folder.mjs'

/** A random secret that is made once and then kept in a file only its owner can read. */
export function keptSecret(file: string): string {
  try {
    const kept = readFileSync(file, 'utf8').trim()
    if (kept.length >= 32) return kept
  } catch {
    // The first time.
  }
  ensureFolder(dirname(file), 0o700)
  const secret = randomBytes(48).toString('base64url')
  writeFileSync(`${file}.new`, secret, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return secret
}
