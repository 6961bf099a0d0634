import { rmSync } from 'node:fs'
import { createProgress, describeError } from '@servicedesk/dev'
import { CONTROLS } from './fault-variants/controls.ts'
import { readFaultOptions, USAGE } from './faults/config.ts'
import { printResult } from './faults/report.ts'
import { run } from './faults/run.ts'

// npm run faults

async function main(): Promise<number> {
  const options = readFaultOptions(process.argv.slice(2), process.env)
  if (options === 'help') {
    console.log(USAGE)
    return 0
  }
  const progress = createProgress(process.stderr)
  const log = (line: string) => process.stderr.write(`${line}\n`)
  const controls = CONTROLS.filter((each) => options.controls.includes(each.name))
  const results = []
  let isGood = true
  for (const control of controls.length > 0 ? controls : [undefined]) {
    const dataDir = control === undefined ? options.dataDir : `${options.dataDir}/${control.name}`
    const result = await run({ ...options, dataDir }, control, progress, log)
    results.push(result)
    if (!options.json) console.log(`\n${printResult(result)}\n`)
    const isWhole = result.lost + result.doubled === 0
    // A harness that cannot fail proves nothing: a broken variant must be found out.
    if (control !== undefined && !options.json) {
      console.log(isWhole ? `NOT FOUND OUT: ${control.name}` : `Found out: ${control.name}`)
    }
    isGood &&= control === undefined ? isWhole : !isWhole
  }
  if (options.json) console.log(JSON.stringify(controls.length > 0 ? results : results[0], null, 2))
  if (isGood && !options.keep) rmSync(options.dataDir, { recursive: true, force: true })
  else log(`Logs and data are in ${options.dataDir}`)
  return isGood ? 0 : 1
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error) => {
    console.error(describeError(error))
    process.exitCode = 1
  },
)
