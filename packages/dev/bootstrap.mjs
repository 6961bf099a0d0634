// The one entry of `npm start`, `npm test` and `npm run replay` on a machine where nothing is installed yet:
// node bootstrap.mjs <command> [arguments]. It needs Node builtins only.
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { build } from './bootstrap/build.mjs'
import { hydrateSymlinks } from './bootstrap/hydrate-symlinks.mjs'
import { install, isInstalled } from './bootstrap/install.mjs'
import { withLock } from './bootstrap/lock.mjs'
import { nodeVersionProblem } from './bootstrap/node-version.mjs'
import { commandFile, lockFile, root } from './bootstrap/paths.mjs'
import { Stopped } from './bootstrap/run-child.mjs'

/** Installs and builds what is missing, then runs the command inside this process, so that signals reach it. */
async function main(command, ...args) {
  const versionProblem = nodeVersionProblem(process.versions.node)
  if (versionProblem) return fail(versionProblem)
  if (!command || !/^[a-z-]+$/.test(command)) {
    return fail('Say what to run, for example: node packages/dev/bootstrap.mjs start')
  }
  await withLock(lockFile, async () => {
    if (!isInstalled(root)) await install(root)
    hydrateSymlinks(root)
    await build(root)
  })
  const file = commandFile(command)
  if (!existsSync(file)) return fail(`There is no command "${command}".`)
  process.argv = [process.argv[0], file, ...args]
  await import(pathToFileURL(file).href)
}

function fail(sentence) {
  console.error(sentence)
  process.exitCode = 1
}

main(...process.argv.slice(2)).catch((error) => {
  if (error instanceof Stopped) process.exit(error.exitCode)
  fail(error instanceof Error ? error.message : String(error))
})
