import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureFolder } from '../../bootstrap/ensure-folder.mjs'
import { UserError } from '../user-error.ts'
import type { PostgresBinaries } from './binaries.ts'
import { serverEnvironment } from './environment.ts'
import type { ServerUser } from './server-user.ts'

const majorVersion = '18'
export const superuser = 'servicedesk'
const passwordFile = (dataDir: string) => join(dataDir, 'servicedesk.password')

export interface InitOptions {
  binaries: PostgresBinaries
  dataDir: string
  user: ServerUser
  /** Waits until the files are on the disk. */
  sync: boolean
}

/**
 * Makes a new database cluster where there is none. It appears complete or not at all, so a run that was killed half-way
 * does no harm. The superuser's random password is kept inside: other users of the machine can reach the port.
 * @throws UserError when initdb fails or the folder holds the data of another version
 */
export function initCluster({ binaries, dataDir, user, sync }: InitOptions): void {
  if (existsSync(dataDir)) {
    checkVersion(dataDir)
    return
  }
  const draft = `${dataDir}.new`
  const password = `${draft}.password`
  rmSync(draft, { recursive: true, force: true })
  ensureFolder(draft, 0o700)
  user.own(draft)
  writeFileSync(password, randomBytes(24).toString('base64url'), { mode: 0o600 })
  user.own(password)
  const { file, args, ...identity } = user.command(binaries.initdb, initdbArguments(draft, password, sync))
  const run = spawnSync(file, args, { encoding: 'utf8', env: serverEnvironment(), ...identity })
  if (run.status !== 0) {
    rmSync(draft, { recursive: true, force: true })
    rmSync(password, { force: true })
    const words = run.error?.message ?? `${run.stdout}${run.stderr}`
    throw new UserError(`PostgreSQL could not set up ${dataDir}:\n${words.trim()}`)
  }
  renameSync(password, passwordFile(draft))
  renameSync(draft, dataDir)
}

/** The superuser's password of an existing cluster. */
export function superuserPassword(dataDir: string): string {
  return readFileSync(passwordFile(dataDir), 'utf8')
}

/** Without these, a system with no LANG would get SQL_ASCII, and sorting would depend on the machine. */
function initdbArguments(dataDir: string, password: string, sync: boolean): string[] {
  const locale = ['-E', 'UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
  const access = ['--auth=scram-sha-256', `--username=${superuser}`, `--pwfile=${password}`]
  return ['-D', dataDir, ...locale, ...access, ...(sync ? [] : ['--no-sync'])]
}

function checkVersion(dataDir: string): void {
  const found =
    existsSync(join(dataDir, 'PG_VERSION')) && readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim()
  if (found === majorVersion && existsSync(passwordFile(dataDir))) return
  const what = found ? `the data of another PostgreSQL (version ${found})` : 'no PostgreSQL data'
  throw new UserError(`${dataDir} holds ${what}: move it away or set DATA_DIR to another folder.`)
}
