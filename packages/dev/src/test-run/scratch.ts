import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clearLeftover as clearPostgres } from '../postgres/leftover.ts'
import { processIdentity } from '../process/process-table.ts'
import { clearLeftover as clearRedis } from '../redis/redis-record.ts'

const prefix = 'servicedesk-test-'
const ownerFile = (folder: string) => join(folder, 'owner.json')
const quiet = () => {}

export const postgresDir = (scratch: string) => join(scratch, 'postgres')
export const redisDir = (scratch: string) => join(scratch, 'redis')

/** A folder for one test run, marked as ours. */
export function makeScratch(parent = tmpdir()): string {
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
export async function sweepScratch(parent = tmpdir()): Promise<void> {
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(prefix))) {
    const folder = join(parent, name)
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
