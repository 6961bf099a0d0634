import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../user-error.ts'

/** Which test files belong together, and how they are run. */
export interface Suite {
  /** The command that runs it. */
  command: string
  /** How its files' names end. */
  ending: string
  /** Lints as well: once a CI run is enough. */
  lints: boolean
  /** Each file has a process of its own, instead of all files of a folder sharing one. */
  isolated: boolean
  /** How many processes run at a time. */
  jobs: number
  /** How long each of them may run. */
  limitSeconds: number
}

/** Quick tests that run side by side. */
export const ordinary: Suite = {
  command: 'npm test',
  ending: '.test.ts',
  lints: true,
  isolated: false,
  jobs: 3,
  limitSeconds: 300,
}

/** Slow tests on real processes that are killed, frozen and cut off; they need the machine for themselves. */
export const system: Suite = {
  command: 'npm run test:system',
  ending: '.system.ts',
  lints: false,
  isolated: true,
  jobs: 1,
  limitSeconds: 900,
}

/** Every test file of the suite, by its path from the root. */
export function findTests(root: string, { ending }: Suite): string[] {
  return ['apps', 'packages'].flatMap((area) =>
    readdirSync(join(root, area))
      .map((name) => join(area, name, 'test'))
      .filter((folder) => existsSync(join(root, folder)))
      .flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
          .filter((file) => file.endsWith(ending))
          .map((file) => join(folder, file)),
      ),
  )
}

/**
 * The files that somebody asked for, or all of the suite.
 * @throws UserError naming a file of another suite, which would be run in the wrong way
 */
export function chooseTests(root: string, suite: Suite, asked: readonly string[]): readonly string[] {
  const stray = asked.find((file) => !file.endsWith(suite.ending))
  if (stray === undefined) return asked.length > 0 ? asked : findTests(root, suite)
  const home = [ordinary, system].find(({ ending }) => stray.endsWith(ending))
  throw new UserError(
    home === undefined
      ? `${stray} is no test: tests end in ${ordinary.ending} or ${system.ending}.`
      : `${stray} is run by: ${home.command} ${stray}`,
  )
}
