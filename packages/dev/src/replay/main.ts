import pc from 'picocolors'
import { describeError } from '../user-error.ts'
import type { Deps } from './deps.ts'
import { readOptions, USAGE } from './options.ts'
import { printSummary } from './print-summary.ts'
import { createProgress, type ProgressStream } from './progress.ts'
import { replay } from './replay.ts'

/**
 * The whole command.
 * @returns the exit code: 0 when nothing was lost
 */
export async function main(
  args: readonly string[],
  { stdout, stderr }: { stdout: ProgressStream; stderr: ProgressStream },
  deps: Deps,
): Promise<number> {
  try {
    const options = readOptions(args)
    if (options === 'help') {
      stdout.write(`${USAGE}\n`)
      return 0
    }
    const summary = await replay(options, deps, createProgress(stderr))
    const colors = pc.createColors(pc.isColorSupported && stdout.isTTY === true)
    stdout.write(`${options.json ? JSON.stringify(summary, null, 2) : printSummary(summary, colors)}\n`)
    return summary.problems.length === 0 ? 0 : 1
  } catch (error) {
    stderr.write(`${describeError(error)}\n`)
    return 1
  }
}
