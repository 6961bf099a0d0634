import type { Program } from '../debian/download-program.ts'
import { type FindOptions, findProgram } from '../debian/find-program.ts'

const CLAMD = {
  title: 'clamd',
  package: 'clamav-daemon',
  path: 'usr/sbin/clamd',
  folder: 'clamd',
  names: ['clamd'],
  // It tells its version only where it has a configuration.
  ask: '--help',
  isGood: (words: string) => words.includes('Clam AntiVirus: Daemon'),
  advice: 'install clamav-daemon',
}

/** Daemons are not on everybody's PATH. */
const SYSTEM_FOLDERS = '/usr/sbin:/usr/local/sbin'

/**
 * The clamd of the system, or a private copy that is downloaded once from its package archive; without signatures.
 * @throws UserError of one sentence when it cannot be had
 */
export function findClamd(options: FindOptions): Promise<Program> {
  return findProgram(CLAMD, { ...options, path: `${options.path}:${SYSTEM_FOLDERS}` })
}
