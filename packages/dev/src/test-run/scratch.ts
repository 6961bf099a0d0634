import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { clearLeftover as clearPostgres } from '../postgres/leftover.ts'
import { processIdentity } from '../process/process-table.ts'
import { clearLeftover as clearRedis } from '../redis/redis-record.ts'
import { MEMORY, memoryFolder } from './memory-folder.ts'

const prefix = 'servicedesk-test-'
const ownerFile = (folder: string) => join(folder, 'owner.json')
const quiet = () => {}

export const postgresDir = (scratch: string) => join(scratch, 'postgres')
export const redisDir = (scratch: string) => join(scratch, 'redis')

/** A folder for one test run, in memory where that has room, marked as ours. */
export function makeScratch(parent = memoryFolder() ?? tmpdir()): string {
  const folder = mkdtempSync(join(parent, prefix))
  chmodSync(folder, 0o711) // PostgreSQL may have to run as another user.
  writeFileSync(
    ownerFile(folder),
    JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) }),
  )
  return folder
}

/** Removes a run's folder and whatever still runs in it. */
export async function clearScratch(folder: string): Promise<void> {
  await clearPostgres(postgresDir(folder), quiet)
  await clearRedis(redisDir(folder), quiet)
  rmSync(folder, { recursive: true, force: true })
}

/** Clears what test runs left that were killed (kill -9) and could not clean up themselves. */
export async function sweepScratch(parents = [tmpdir(), MEMORY]): Promise<void> {
  const folders = parents
    .filter((parent) => existsSync(parent))
    .flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)))
  for (const folder of folders.filter((each) => basename(each).startsWith(prefix))) {
    if (existsSync(ownerFile(folder)) && !ownerLives(folder)) {
      await clearScratch(folder).catch(quiet) // Another user's, perhaps: theirs to clear.
    }
  }
}

function ownerLives(folder: string): boolean {
  try {
    const { pid, identity } = JSON.parse(readFileSync(ownerFile(folder), 'utf8'))
    return processIdentity(pid) === identity
  } catch {
    return true
  }
}
