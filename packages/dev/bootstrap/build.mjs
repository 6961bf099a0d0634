import { join } from 'node:path'
import { runChild } from './run-child.mjs'

/**
 * Compiles what has changed (tsc -b).
 * @throws an Error with the compiler's output when it fails, Stopped when a signal came
 */
export async function build(root) {
  // On stderr, because a command's own output may be read by a program.
  process.stderr.write('Building… ')
  const started = Date.now()
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { code, output } = await runChild(process.execPath, [tsc, '-b'], { cwd: root })
  if (code !== 0) {
    console.error('failed')
    throw new Error(`${output.trim()}\nThe build failed; the compiler's words are above.`)
  }
  console.error(`done in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}
