import { UserError } from '../user-error.ts'
import { positive, wholeNumber } from './read-number.ts'

/** Who is to work on the tickets. */
export interface StaffOptions {
  teams: number
  /** Over all teams. */
  agents: number
  /** The cap of each. */
  maxTickets: number
  /** Whether agents are skilled in their team's categories. */
  skills: boolean
  /** Tickets a second that the agents resolve once all are sent; none are when it is undefined. */
  resolveRate: number | undefined
}

/** As the command line has them. */
export interface StaffValues {
  teams?: string | undefined
  agents?: string | undefined
  'max-tickets'?: string | undefined
  skills?: boolean | undefined
  'resolve-rate'?: string | undefined
}

const MOST_TEAMS = 20
/** What one page of the list of users holds. */
const MOST_AGENTS = 100
const AGENTS_OF_TEAM = 3
const DEFAULT_CAP = '15'

/**
 * The staff that is asked for; undefined when the desk's own is to do.
 * @throws UserError when it makes no sense
 */
export function readStaffOptions(values: StaffValues): StaffOptions | undefined {
  const { teams: asked, ...others } = values
  if (asked === undefined) {
    const [stray] = Object.entries(others).find(([, value]) => value !== undefined) ?? []
    if (stray !== undefined) throw new UserError(`--${stray} needs --teams.`)
    return undefined
  }
  const teams = wholeNumber('--teams', asked, 'teams', MOST_TEAMS)
  const agents = wholeNumber(
    '--agents',
    values.agents ?? String(teams * AGENTS_OF_TEAM),
    'agents',
    MOST_AGENTS,
  )
  if (agents < teams) throw new UserError(`--agents must be at least ${teams}, or a team has none.`)
  const rate = values['resolve-rate']
  return {
    teams,
    agents,
    maxTickets: wholeNumber('--max-tickets', values['max-tickets'] ?? DEFAULT_CAP, 'tickets', 100_000),
    skills: values.skills ?? false,
    resolveRate: rate === undefined ? undefined : positive('--resolve-rate', rate),
  }
}
