import { rmSync } from 'node:fs'
import { createProgress, describeError, onStopSignal } from '@servicedesk/dev'
import { CONTROLS } from './fault-variants/controls.ts'
import { type FaultOptions, readFaultOptions, USAGE } from './faults/config.ts'
import { printResult } from './faults/report.ts'
import { type RunResult, run } from './faults/run.ts'

// npm run faults

const log = (line: string) => process.stderr.write(`${line}\n`)

/** The code that a shell expects of a program that Ctrl-C ended. */
const INTERRUPTED = 130

async function main(): Promise<number> {
  const options = readFaultOptions(process.argv.slice(2), process.env)
  if (options === 'help') {
    console.log(USAGE)
    return 0
  }
  const interrupt = new AbortController()
  onStopSignal(
    () => {
      log('Stopping…')
      interrupt.abort(new Error('interrupted'))
    },
    () => undefined,
  )
  let keep = true
  try {
    const isGood = await runAll(options, interrupt.signal)
    keep = options.keep || !isGood
    return isGood ? 0 : 1
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
    keep = options.keep
    return INTERRUPTED
  } finally {
    if (keep) log(`Logs and data are in ${options.dataDir}`)
    else rmSync(options.dataDir, { recursive: true, force: true })
  }
}

/** Runs the product, or each variant that is asked for. @returns whether all is as it should be */
async function runAll(options: FaultOptions, interrupt: AbortSignal): Promise<boolean> {
  const controls = CONTROLS.filter((each) => options.controls.includes(each.name))
  const results: RunResult[] = []
  let isGood = true
  for (const control of controls.length > 0 ? controls : [undefined]) {
    const dataDir = control === undefined ? options.dataDir : `${options.dataDir}/${control.name}`
    const startProgress = createProgress(process.stderr)
    const result = await run({ ...options, dataDir }, control, { startProgress, log, interrupt })
    results.push(result)
    if (!options.json) console.log(`\n${printResult(result)}\n`)
    const isWhole = result.lost + result.doubled === 0
    // A harness that cannot fail proves nothing: a broken variant must be found out.
    if (control !== undefined) log(isWhole ? `NOT FOUND OUT: ${control.name}` : `Found out: ${control.name}`)
    isGood &&= control === undefined ? isWhole : !isWhole
  }
  if (options.json) console.log(JSON.stringify(controls.length > 0 ? results : results[0], null, 2))
  return isGood
}

main().then(
  (code) => {
    // An interrupted load still has requests and timers; otherwise a long result may be on its way into a pipe.
    if (code === INTERRUPTED) process.exit(code)
    process.exitCode = code
  },
  (error) => {
    console.error(describeError(error))
    process.exitCode = 1
  },
)
