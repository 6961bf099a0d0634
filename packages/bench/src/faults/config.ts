import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { repositoryRoot, UserError } from '@servicedesk/dev'
import { CONTROLS, type ControlName, isControlName } from '../fault-variants/controls.ts'

// The one file of the harness that reads process.env and the command line.

export interface FaultOptions {
  kills: number
  seed: number
  json: boolean
  /** Broken on purpose; undefined for the product as it is. */
  controls: ControlName[]
  /** Real tickets. */
  file: string
  /** Photographs that go with some of them. */
  photos: string
  /** Requests a second. */
  rate: number
  dataDir: string
  /** Whether the data folder stays when all is well. */
  keep: boolean
  environment: NodeJS.ProcessEnv
}

export const USAGE = `Usage: npm run faults -- [options]

Runs two API processes, two workers, PostgreSQL, Redis and a mail server under a steady
load of real tickets and uploads, and breaks them at random: kill -9, SIGSTOP, cut and
slow connections, ended sessions, FLUSHALL, and deaths at named points inside the code.
Then it counts. Ends with a non-zero exit code when anything was lost or done twice.

  --kills N       how many faults (60)
  --seed S        decides which, when and in what order (1)
  --rate N        requests a second (12)
  --control NAME  a variant that is broken on purpose must report its loss: one of
                  ${CONTROLS.map((each) => each.name).join(', ')}, or all
  --file FILE     tickets as CSV (the sample of the repository)
  --photos DIR    photographs to upload (those of the repository)
  --keep          keep the data folder: logs, database, mailbox
  --json          the result as JSON on stdout; with npm run --silent faults
  --help          this text`

/**
 * What is asked for; 'help' when that is all.
 * @throws UserError when it makes no sense
 */
export function readFaultOptions(args: readonly string[], env: NodeJS.ProcessEnv): FaultOptions | 'help' {
  const values = parse(args)
  if (values.help) return 'help'
  return {
    kills: whole('--kills', values.kills),
    seed: whole('--seed', values.seed),
    // Without load there is nothing to lose, and nothing would be proved.
    rate: whole('--rate', values.rate, 1),
    json: values.json,
    keep: values.keep,
    controls: controlsOf(values.control),
    file: values.file ?? join(repositoryRoot, 'packages', 'dev', 'samples', 'tickets.csv'),
    photos: values.photos ?? join(repositoryRoot, 'packages', 'files', 'test', 'fixtures'),
    dataDir: mkdtempSync(join(tmpdir(), 'servicedesk-faults-')),
    environment: env,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        kills: { type: 'string', default: '60' },
        seed: { type: 'string', default: '1' },
        rate: { type: 'string', default: '12' },
        json: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        control: { type: 'string' },
        file: { type: 'string' },
        photos: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    const [sentence] = (error instanceof Error ? error.message : String(error)).split(/\.?(?:\n|\. )/)
    throw new UserError(`${sentence}; --help names the options.`)
  }
}

function whole(name: string, text: string, least = 0): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new UserError(`${name} must be a whole number from ${least}, not "${text}".`)
}

function controlsOf(text: string | undefined): ControlName[] {
  if (text === undefined) return []
  if (text === 'all') return CONTROLS.map((each) => each.name)
  if (isControlName(text)) return [text]
  throw new UserError(
    `--control must be one of ${CONTROLS.map((each) => each.name).join(', ')} or all, not "${text}".`,
  )
}
