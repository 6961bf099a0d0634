import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { UserError } from '../user-error.ts'
import {
  cachedProgram,
  type DownloadOptions,
  downloadProgram,
  type PackedProgram,
  type Program,
} from './download-program.ts'

export interface WantedProgram extends PackedProgram {
  /** What it may be called on the PATH. */
  names: readonly string[]
  /** What makes it say its version, and end. */
  ask: string
  /** Judges what it says to that. */
  isGood(words: string): boolean
  /** What a person can do when it cannot be had. */
  advice: string
}

export interface FindOptions extends DownloadOptions {
  /** The PATH to look in. */
  path: string
}

/**
 * The program of the PATH, or a private copy that is downloaded once from the system's package archive.
 * @throws UserError of one sentence when it cannot be had
 */
export async function findProgram(wanted: WantedProgram, options: FindOptions): Promise<Program> {
  for (const folder of options.path.split(delimiter).filter((entry) => entry !== '')) {
    for (const program of wanted.names.map((name) => ({ file: join(folder, name), env: {} }))) {
      if (works(wanted, program)) return program
    }
  }
  for (const cacheDir of options.cacheDirs) {
    const program = cachedProgram(wanted, cacheDir)
    if (program && works(wanted, program)) return program
  }
  const program = await download(wanted, options)
  if (!works(wanted, program)) {
    throw new UserError(`The downloaded ${wanted.title} does not run here: ${wanted.advice}.`)
  }
  return program
}

async function download(wanted: WantedProgram, options: FindOptions): Promise<Program> {
  try {
    return await downloadProgram(wanted, options)
  } catch (error) {
    options.signal?.throwIfAborted()
    const why = error instanceof Error ? error.message : String(error)
    const { title, advice } = wanted
    throw new UserError(`There is no ${title} on the PATH and none could be downloaded (${why}): ${advice}.`)
  }
}

function works(wanted: WantedProgram, { file, env }: Program): boolean {
  try {
    accessSync(file, constants.X_OK)
  } catch {
    return false
  }
  const { stdout } = spawnSync(file, [wanted.ask], { encoding: 'utf8', env, timeout: 10_000 })
  return wanted.isGood(stdout ?? '')
}
