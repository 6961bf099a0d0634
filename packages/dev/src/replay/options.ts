import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { repositoryRoot } from '../config.ts'
import { SAMPLE_PASSWORD } from '../sample/people.ts'
import { UserError } from '../user-error.ts'
import { positive, wholeNumber } from './read-number.ts'
import { readStaffOptions, type StaffOptions } from './staff-options.ts'

export interface Credentials {
  email: string
  password: string
}

export interface ReplayOptions {
  file: string
  /** The address of the API with its version, without a slash at the end. */
  api: string
  /** How many rows to take from the top; all by default. */
  limit: number | undefined
  /** Tickets a second; as fast as the server takes them by default. */
  rate: number | undefined
  /** A folder of photographs to attach. */
  attach: string | undefined
  json: boolean
  /** Who reports the tickets. */
  requester: Credentials
  /** Who looks at what became of them. */
  admin: Credentials
  /** How long the pipeline may take to drain once all is sent. */
  timeoutSeconds: number
  /** The teams that do the work; the desk's own agents when it is undefined. */
  staff: StaffOptions | undefined
}

const sampleFile = join(repositoryRoot, 'packages', 'dev', 'samples', 'tickets.csv')

export const USAGE = `Usage: npm run replay -- [FILE.csv] [options]

Posts real tickets to a running ServiceDesk, waits until the pipeline behind them
has drained, and prints what became of each. Ends with a non-zero exit code when
anything was lost. FILE.csv has the columns title and body, and may have category,
urgency and impact (small numbers, lower is more urgent); without a file a small
sample is taken.

  --url URL             the server (http://127.0.0.1:3000)
  --limit N             only the first N rows
  --rate N              at most N tickets a second (no limit)
  --attach DIR          attach a photograph of DIR to every 5th ticket, in turn
  --timeout SECONDS     how long the pipeline may take to drain (120)
  --json                the closing summary as JSON on stdout; in a script, use
                        npm run --silent replay
  --email, --password   who reports the tickets (user1@example.com)
  --admin-email, --admin-password
                        who looks at what became of them (admin@example.com)
  --help                this text

With --teams the replay brings its own staff, and checks how the work is shared:
nobody is over the cap, no ticket waits while somebody of its team has room, and
the loads of a team's agents who got tickets differ by at most 1. The desk's
categories belong to these teams meanwhile.

  --teams N             N teams, which share the categories
  --agents N            over all teams (3 each)
  --max-tickets N       the cap of each agent (15)
  --skills              agents are skilled in their team's categories
  --resolve-rate R      once all is sent, the agents resolve R tickets a second,
                        the oldest first, until none is left`

/**
 * What the command line asks for; 'help' when that is all it asks.
 * @throws UserError when it makes no sense
 */
export function readOptions(args: readonly string[]): ReplayOptions | 'help' {
  const { values, positionals } = parse(args)
  if (values.help) return 'help'
  if (positionals.length > 1)
    throw new UserError(`One file at a time, not ${positionals.length}; --help says how.`)
  return {
    file: positionals[0] ?? sampleFile,
    api: apiAddress(values.url),
    limit: values.limit === undefined ? undefined : wholeNumber('--limit', values.limit, 'rows'),
    rate: values.rate === undefined ? undefined : positive('--rate', values.rate),
    attach: values.attach,
    json: values.json,
    requester: { email: values.email, password: values.password },
    admin: { email: values['admin-email'], password: values['admin-password'] },
    timeoutSeconds: positive('--timeout', values.timeout),
    staff: readStaffOptions({
      teams: values.teams,
      agents: values.agents,
      'max-tickets': values['max-tickets'],
      skills: values.skills,
      'resolve-rate': values['resolve-rate'],
    }),
  }
}

function parse(args: readonly string[]) {
  const text = (value: string) => ({ type: 'string', default: value }) as const
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        url: text('http://127.0.0.1:3000'),
        limit: { type: 'string' },
        rate: { type: 'string' },
        attach: { type: 'string' },
        json: { type: 'boolean', default: false },
        email: text('user1@example.com'),
        password: text(SAMPLE_PASSWORD),
        'admin-email': text('admin@example.com'),
        'admin-password': text(SAMPLE_PASSWORD),
        timeout: text('120'),
        teams: { type: 'string' },
        agents: { type: 'string' },
        'max-tickets': { type: 'string' },
        skills: { type: 'boolean' },
        'resolve-rate': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    // Node's first sentence says it; the rest is about files whose names begin with a dash.
    const [sentence] = (error instanceof Error ? error.message : String(error)).split(/\.?(?:\n|\. )/)
    throw new UserError(`${sentence}; --help names the options.`)
  }
}

/** Takes the server's address as people paste it: bare, with /api, or with /api/v1. */
function apiAddress(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') {
    throw new UserError(`--url must be an http:// or https:// address, not "${url}".`)
  }
  const path = parsed.pathname.replace(/\/+$/, '').replace(/\/api(\/v1)?$/, '')
  return `${parsed.origin}${path}/api/v1`
}
