import { Refused } from './api-errors.ts'
import type { Caller } from './caller.ts'
import { elements, members, numberOf, textOf } from './json.ts'
import { reasonOf } from './session.ts'
import { AGENT_SEARCH, type StaffTeam } from './staff.ts'

export interface AgentState {
  id: number
  name: string
  /** Tickets that count against the cap, of whatever run. */
  active: number
  max: number
}

/** A team at a moment. */
export interface TeamState {
  name: string
  /** Tickets that nobody has. */
  waiting: number
  agents: AgentState[]
}

/** Which statuses a ticket can have while it is work, and which it gets when it is done. */
export interface StatusNames {
  active: string[]
  resolved: string
}

/** @throws Unreachable, Refused */
export async function readStatusNames(admin: Caller): Promise<StatusNames> {
  const answer = await admin({ path: '/config/statuses' })
  const statuses = elements(answer.body).map(members)
  const named = (classes: readonly string[]) =>
    statuses
      .filter((each) => classes.includes(textOf(each.class) ?? ''))
      .flatMap(({ name }) => textOf(name) ?? [])
  const [resolved] = named(['resolved'])
  if (resolved === undefined) throw new Refused(`the list of statuses has none that means resolved`)
  return { active: named(['new', 'open', 'pending']), resolved }
}

/**
 * How the teams stand. The waiting tickets are read before the agents: where some waited and all were then at their cap,
 * no ticket was passed over meanwhile.
 * @throws Unreachable, Refused
 */
export async function readTeams(
  admin: Caller,
  teams: readonly StaffTeam[],
  { active }: StatusNames,
): Promise<TeamState[]> {
  const waiting = await Promise.all(
    teams.map(({ name }) =>
      countTickets(
        admin,
        `team=${encodeURIComponent(name)}&assigned_to=none&status=${encodeURIComponent(active.join(','))}`,
      ),
    ),
  )
  const answer = await admin({ path: `/users?search=${AGENT_SEARCH}&per_page=100` })
  const users = elements(members(answer.body).users).map(members)
  const stateOf = new Map(users.map((user) => [numberOf(user.id), user]))
  return teams.map(({ name, agents }, index) => ({
    name,
    waiting: waiting[index] ?? 0,
    agents: agents.map((agent) => {
      const user = stateOf.get(agent.id)
      const [load, max] = [numberOf(user?.active_tickets), numberOf(user?.max_tickets)]
      if (load === undefined || max === undefined) throw new Refused(`the load of ${agent.name} is not told`)
      return { id: agent.id, name: agent.name, active: load, max }
    }),
  }))
}

async function countTickets(admin: Caller, query: string): Promise<number> {
  const answer = await admin({ path: `/tickets?${query}&page=1&per_page=1` })
  const total = numberOf(members(members(answer.body).pagination).total)
  if (answer.status !== 200 || total === undefined) {
    throw new Refused(`the count of waiting tickets was refused: ${reasonOf(answer)}`)
  }
  return total
}
