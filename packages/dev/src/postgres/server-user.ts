import { spawnSync } from 'node:child_process'
import { chownSync, statSync } from 'node:fs'
import { UserError } from '../user-error.ts'

/** How to run PostgreSQL's programs: PostgreSQL refuses to run as root, so root hands it to another user. */
export interface ServerUser {
  /** What to spawn for a program and its arguments. */
  command(file: string, args: readonly string[]): { file: string; args: string[]; uid?: number; gid?: number }
  /** Gives a folder or file to the user that the programs run as. */
  own(path: string): void
}

const nobody = 65534

/**
 * Ourselves, or when we are root the owner of the data, or for new data the user nobody.
 * @throws UserError when the data belongs to somebody else and we are not root
 */
export function serverUser(dataDir: string): ServerUser {
  const owner = statSync(dataDir, { throwIfNoEntry: false })
  const me = process.getuid?.() ?? -1
  if (me !== 0) {
    if (owner && me !== -1 && owner.uid !== me) {
      throw new UserError(
        `${dataDir} belongs to another user (uid ${owner.uid}): set DATA_DIR to a folder of your own.`,
      )
    }
    return { command: (file, args) => ({ file, args: [...args] }), own: () => {} }
  }
  const uid = owner && owner.uid !== 0 ? owner.uid : nobody
  const gid = owner && owner.uid !== 0 ? owner.gid : nobody
  const prefix = setprivArguments(uid, gid)
  const own = (path: string) => chownSync(path, uid, gid)
  if (spawnSync('setpriv', [...prefix, 'true']).status === 0) {
    return { command: (file, args) => ({ file: 'setpriv', args: [...prefix, file, ...args] }), own }
  }
  return { command: (file, args) => ({ file, args: [...args], uid, gid }), own }
}

/** Drops root but keeps the right to pass closed folders: the clone may lie under /root, which nobody may enter. */
function setprivArguments(uid: number, gid: number): string[] {
  return [
    '--securebits=+no_setuid_fixup',
    '--inh-caps=+dac_override,+setuid,+setgid',
    '--ambient-caps=+dac_override',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
  ]
}
