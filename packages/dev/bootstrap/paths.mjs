import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const dev = dirname(dirname(fileURLToPath(import.meta.url)))

/** The folder of the repository's package.json. */
export const root = resolve(dev, '..', '..')

/** Held while one bootstrap installs or builds. In dist, because npm ci empties node_modules. */
export const lockFile = join(dev, 'dist', '.bootstrap.lock')

/** Commands that other packages have. */
const homes = { faults: 'bench', bench: 'bench', 'bench-report': 'bench' }

/** Where the compiled command of that name is. */
export const commandFile = (command) =>
  join(root, 'packages', homes[command] ?? 'dev', 'dist', `${command}.js`)
