import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureFolder } from './ensure-folder.mjs'
import { processIdentity } from './process-identity.mjs'

/**
 * Takes a lock file for this process, also from an owner that died without giving it back (kill -9).
 * @returns {{ owner: undefined, release: () => void } | { owner: number }} owner: the pid that holds it
 */
export function tryLock(file) {
  ensureFolder(dirname(file))
  // Two takers may see the same dead owner: only the one that holds the guard, for a moment, may replace its file.
  const guard = `${file}.takeover`
  while (!create(guard)) {
    if (existsSync(guard) && livingOwner(guard) === undefined) rmSync(guard, { force: true })
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
  }
  try {
    const owner = livingOwner(file)
    if (owner !== undefined) return { owner }
    rmSync(file, { force: true })
    create(file)
    return { owner: undefined, release: () => rmSync(file, { force: true }) }
  } finally {
    rmSync(guard, { force: true })
  }
}

/** Runs the work while holding the lock, waiting for whoever holds it now. */
export async function withLock(file, work) {
  let told = false
  for (;;) {
    const lock = lockOrUnlocked(file)
    if (lock.owner === undefined) {
      try {
        return await work()
      } finally {
        lock.release()
      }
    }
    if (!told) console.log(`Waiting for process ${lock.owner}, which is installing or building here…`)
    told = true
    await sleep(200)
  }
}

/** Where we may not write there is nothing to install or build either; if there is, that step says so. */
function lockOrUnlocked(file) {
  try {
    return tryLock(file)
  } catch (error) {
    if (!['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw error
    return { owner: undefined, release: () => {} }
  }
}

/** Makes the file with its content in one step (link is atomic); false when it is there already. */
function create(file) {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) }))
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function livingOwner(file) {
  try {
    const { pid, identity } = JSON.parse(readFileSync(file, 'utf8'))
    return processIdentity(pid) === identity ? pid : undefined
  } catch {
    return undefined
  }
}
