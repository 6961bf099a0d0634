import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { repositoryRoot, UserError } from '@servicedesk/dev'
import { MEASUREMENTS, type MeasurementName } from './measurements.ts'

export interface BenchOptions {
  only: MeasurementName[]
  /** Numbers of tickets, smallest first. */
  scales: number[]
  rounds: number
  /** The CSV file that tickets are made from. */
  file: string
  /** The report goes to the standard output as JSON instead of a table. */
  json: boolean
}

export const USAGE = `npm run bench -- [--only ${MEASUREMENTS.join('|')}]… [--scale 10k,100k,1M] [--rounds 3] [--json] [tickets.csv]`
const SAMPLE = join(repositoryRoot, 'packages', 'dev', 'samples', 'tickets.csv')
const FEWEST_TICKETS = 1_000

/** @throws UserError that says what is wrong */
export function readOptions(words: readonly string[]): BenchOptions {
  const { values, positionals } = parse(words)
  const unknown = (values.only ?? []).filter((name) => !MEASUREMENTS.some((each) => each === name))
  if (unknown.length > 0)
    throw new UserError(`--only ${unknown.join(', ')}: there are ${MEASUREMENTS.join(', ')}`)
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new UserError(`--rounds ${values.rounds}: must be a whole number from 1`)
  }
  if (positionals.length > 1) throw new UserError(`one file of tickets, not ${positionals.length}: ${USAGE}`)
  const file = positionals[0] === undefined ? SAMPLE : resolve(positionals[0])
  if (!existsSync(file)) throw new UserError(`${file} is not there`)
  return {
    only: MEASUREMENTS.filter((name) => values.only === undefined || values.only.includes(name)),
    scales: [...new Set(values.scale.split(',').map(readScale))].sort((a, b) => a - b),
    rounds,
    file,
    json: values.json,
  }
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        only: { type: 'string', multiple: true },
        scale: { type: 'string', default: '10k,100k,1M' },
        rounds: { type: 'string', default: '3' },
        json: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
  }
}

/** `10k`, `1M` or a number. */
function readScale(text: string): number {
  const [, digits, unit] = /^(\d{1,9})(k|M)?$/.exec(text.trim()) ?? []
  const scale = Number(digits) * (unit === 'M' ? 1_000_000 : unit === 'k' ? 1_000 : 1)
  if (scale >= FEWEST_TICKETS && scale <= 100_000_000) return scale
  throw new UserError(`--scale ${text}: numbers of tickets from ${FEWEST_TICKETS}, such as 10k,100k,1M`)
}
