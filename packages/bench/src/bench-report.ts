import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@servicedesk/dev'
import { growthChart } from './framework/chart.ts'
import { tableMarkdown } from './framework/print.ts'
import { newestReport, RESULTS } from './framework/report.ts'

// npm run bench:report: draws the newest results as packages/bench/results/growth.svg and writes their table into the README.

const README = join(repositoryRoot, 'README.md')
const [BEGIN, END] = ['<!-- npm run bench:report writes from here -->', '<!-- to here -->']

const report = newestReport()
writeFileSync(join(RESULTS, 'growth.svg'), growthChart(report.results))
const { machine, rounds, minutes, at } = report
const words = [
  `Measured ${at.slice(0, 10)} in ${minutes} minutes on ${machine.cores} cores (${machine.processor}, ${machine.memoryGb} GB),`,
  `load maker included: Node ${machine.node.slice(1)}, PostgreSQL ${machine.postgresql}, Redis ${machine.redis},`,
  `commit ${machine.commit}. Each figure and its floor took turns ${rounds} times.`,
]
const text = readFileSync(README, 'utf8')
const [before, rest] = [text.indexOf(BEGIN), text.indexOf(END)]
if (before === -1 || rest < before) throw new Error(`README.md has no lines "${BEGIN}" and "${END}"`)
const written = [words.join(' '), '', ...tableMarkdown(report.results)].join('\n')
writeFileSync(README, `${text.slice(0, before + BEGIN.length)}\n\n${written}\n\n${text.slice(rest)}`)
// Tables and all are laid out as the linter wants them.
execFileSync(join(repositoryRoot, 'node_modules', '.bin', 'biome'), ['format', '--write', README])
console.log(`${join(RESULTS, 'growth.svg')} and README.md show the run of ${at}`)
