import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { ensureFolder } from './ensure-folder.mjs'
import { lockfilesAgree } from './lockfiles.mjs'
import { runChild } from './run-child.mjs'

const stampFile = (root) => join(root, 'node_modules', '.servicedesk-install')
const recordFile = (root) => join(root, 'node_modules', '.package-lock.json')

/** True when node_modules is what package-lock.json and the patches ask for; cheap: reads a few files at most. */
export function isInstalled(root) {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  if (readOrEmpty(stampFile(root)) === stampOf(root, lock)) return true
  // Somebody ran npm install themselves: npm writes this record last, so it speaks for a finished install.
  const installed = readOrEmpty(recordFile(root))
  if (installed === '' || !lockfilesAgree(JSON.parse(lock), JSON.parse(installed))) return false
  // It knows nothing of patches: one that came later is not in it.
  const at = statSync(recordFile(root)).mtimeMs
  if (patchesOf(root).some((file) => statSync(file).mtimeMs > at)) return false
  writeStamp(root, lock)
  return true
}

/**
 * Runs npm ci with visible progress.
 * @throws an Error of one sentence when npm fails, Stopped when a signal came
 */
export async function install(root) {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  rmSync(stampFile(root), { force: true })
  console.error('Installing dependencies (npm ci)…')
  const started = Date.now()
  const seconds = () => Math.round((Date.now() - started) / 1000)
  const heartbeat = setInterval(() => console.error(`  still installing, ${seconds()} s`), 5000)
  try {
    const { file, args } = npmCommand()
    const { code } = await runChild(file, [...args, 'ci', '--include=dev', '--loglevel=error'], {
      cwd: root,
      env: npmEnvironment(),
      stdio: 'inherit',
    })
    if (code !== 0) throw new Error(`npm ci failed with exit code ${code}; its words are above.`)
  } finally {
    clearInterval(heartbeat)
  }
  writeStamp(root, lock)
  console.error(`Installed in ${seconds()} s`)
}

/** What `postinstall` applies, by their paths. */
function patchesOf(root) {
  const folder = join(root, 'packages', 'db', 'patches')
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
}

function stampOf(root, lock) {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n${lock}`)
  for (const file of patchesOf(root)) hash.update(`\n${basename(file)}\n${readFileSync(file, 'utf8')}`)
  return hash.digest('hex')
}

function writeStamp(root, lock) {
  try {
    writeFileSync(stampFile(root), stampOf(root, lock))
  } catch {
    // Only a shortcut for next time; a folder of another user's may be read-only to us.
  }
}

/** The npm that started us, or the one on the PATH. */
function npmCommand() {
  const running = process.env.npm_execpath
  if (running && basename(running) === 'npm-cli.js' && existsSync(running)) {
    return { file: process.execPath, args: [running] }
  }
  return { file: 'npm', args: [] }
}

/** npm needs a home folder that it can write to for its cache; service users often have none. */
function npmEnvironment() {
  const env = { ...process.env }
  if (env.HOME === '') delete env.HOME
  if (env.npm_config_cache && isWritable(env.npm_config_cache)) return env
  if (isWritable(env.HOME ?? homedir())) return env
  return { ...env, npm_config_cache: mkdtempSync(join(tmpdir(), 'servicedesk-npm-')) }
}

function isWritable(folder) {
  try {
    ensureFolder(folder)
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function readOrEmpty(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
