import { UserError } from '@servicedesk/dev'
import { growthOf } from './framework/growth.ts'
import { tableText } from './framework/print.ts'
import { writeReport } from './framework/report.ts'
import { readOptions } from './options.ts'
import { runAll } from './run.ts'

// npm run bench [-- --only list] [-- --scale 10k,100k,1M] [-- --rounds 3] [-- --json] [-- tickets.csv]: each figure with its
// floor in the same run, on a PostgreSQL that fsyncs. What is under way goes to the standard error.

const began = new Date()
const minutes = () => (Date.now() - began.getTime()) / 60_000
const progress = (step: string) => process.stderr.write(`${minutes().toFixed(1).padStart(5)} min  ${step}\n`)

try {
  const options = readOptions(process.argv.slice(2))
  const { machine, results: measured } = await runAll(options, progress)
  const results = [...measured, ...growthOf(measured)]
  const { rounds, scales } = options
  const report = {
    at: began.toISOString(),
    minutes: Number(minutes().toFixed(1)),
    machine,
    rounds,
    scales,
    results,
  }
  const file = writeReport(report)
  if (options.json) console.log(JSON.stringify(report, null, 2))
  else {
    const { packages, ...rest } = machine
    console.log(
      [...Object.entries(rest), ...Object.entries(packages)]
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    )
    console.log(`${rounds} rounds, median (least–most), ${report.minutes} minutes\n`)
    for (const line of tableText(results)) console.log(line)
    console.log()
    for (const { name, note } of results) if (note !== undefined) console.log(`${name}: ${note}`)
    console.log(`Kept in ${file}`)
  }
} catch (error) {
  // Figures of a run in which something went wrong are worth nothing.
  const text =
    error instanceof UserError ? error.message : error instanceof Error ? error.stack : String(error)
  console.error(`No report: ${text}`)
  process.exitCode = 1
}
