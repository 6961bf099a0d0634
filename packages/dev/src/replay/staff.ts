import { randomBytes } from 'node:crypto'
import { Refused } from './api-errors.ts'
import type { ApiRequest, Caller } from './caller.ts'
import { elements, members, numberOf, textOf } from './json.ts'
import type { Credentials } from './options.ts'
import type { Answer } from './retry-policy.ts'
import { JSON_BODY, reasonOf } from './session.ts'
import { shareCategories } from './share-categories.ts'
import type { StaffOptions } from './staff-options.ts'

export interface StaffAgent extends Credentials {
  id: number
  name: string
}

export interface StaffTeam {
  name: string
  categories: string[]
  agents: StaffAgent[]
}

export interface Staff {
  teams: StaffTeam[]
  /** How the desk chooses agents: 'workload' is the one that promises equal loads. */
  strategy: string
  /** Gives the categories back to the teams that had them before. */
  leave(): Promise<void>
}

/** Finds the replay's agents in the list of users. */
export const AGENT_SEARCH = 'replay-agent-'
const emailOf = (index: number) => `${AGENT_SEARCH}${index + 1}@example.com`
const teamName = (index: number) => `Replay team ${index + 1}`

/**
 * Gives the desk teams and agents of the replay's own, and the categories to these teams. What an earlier run left is
 * used again; its agents that are not needed now get no more tickets.
 * @param used the category of each row
 * @throws Unreachable, Refused
 */
export async function staffDesk(
  admin: Caller,
  options: StaffOptions,
  used: readonly (string | undefined)[],
): Promise<Staff> {
  const categories = elements(await ask(admin, 'the categories', { path: '/config/categories' })).map(
    (each) => {
      const { id, name, team } = members(each)
      return { id: numberOf(id) ?? 0, name: textOf(name) ?? '', team: textOf(team) ?? null }
    },
  )
  const settings = members(await ask(admin, 'the assignment settings', { path: '/config/assignment' }))
  const strategy = textOf(settings.strategy) ?? ''
  const shares = shareCategories(
    categories.map(({ name }) => name),
    used,
    options.teams,
  )
  const teams = shares.map((share, index) => ({
    name: teamName(index),
    categories: share,
    agents: [] as StaffAgent[],
  }))
  await makeTeams(admin, teams)
  await makeAgents(admin, teams, options)

  const give = async (teamOf: (category: { name: string; team: string | null }) => string | null) => {
    for (const category of categories) {
      await ask(
        admin,
        `category ${category.name}`,
        put(`/config/categories/${category.id}`, { team: teamOf(category) }),
      )
    }
  }
  // Of a run that was killed, there is no telling whose they were.
  const isOurs = (team: string | null) => team?.startsWith('Replay team ') ?? false
  const leave = () => give(({ team }) => (isOurs(team) ? null : team))
  try {
    await give(({ name }) => teams.find((team) => team.categories.includes(name))?.name ?? null)
  } catch (error) {
    await leave().catch(() => undefined)
    throw error
  }
  return { teams, strategy, leave }
}

async function makeTeams(admin: Caller, teams: readonly StaffTeam[]): Promise<void> {
  const answer = elements(await ask(admin, 'the teams', { path: '/config/teams' }))
  const known = new Set(answer.map((each) => textOf(members(each).name)))
  for (const { name } of teams) {
    if (!known.has(name)) await ask(admin, name, send('POST', '/config/teams', { name }))
  }
}

/** Deals the agents to the teams in turn. */
async function makeAgents(
  admin: Caller,
  teams: readonly StaffTeam[],
  { agents, maxTickets, skills }: StaffOptions,
): Promise<void> {
  const path = `/users?search=${AGENT_SEARCH}&per_page=100`
  const listed = elements(members(await ask(admin, 'the agents', { path })).users).map(members)
  const known = new Map(listed.map(({ id, email }) => [textOf(email), numberOf(id)]))
  // Nobody signs in with it but this run.
  const password = randomBytes(18).toString('base64url')
  for (let index = 0; index < agents; index++) {
    const team = teams[index % teams.length]
    if (team === undefined) continue
    const [email, name] = [emailOf(index), `Replay agent ${index + 1}`]
    const person = { email, name, role: 'Technical User', password }
    const id =
      known.get(email) ?? numberOf(members(await ask(admin, name, send('POST', '/users', person))).id) ?? 0
    const duty = {
      role: person.role,
      password,
      is_active: true,
      team: team.name,
      max_tickets: maxTickets,
      is_available: true,
      out_of_office: null,
      skills: skills
        ? team.categories.map((category, n) => ({ category, level: 1 + ((index + n) % 5) }))
        : [],
    }
    await ask(admin, name, send('PATCH', `/users/${id}`, duty))
    team.agents.push({ id, name, email, password })
    known.delete(email)
  }
  for (const [email, id] of known) {
    if (!email?.startsWith(AGENT_SEARCH)) continue
    await ask(admin, email, send('PATCH', `/users/${id}`, { is_available: false, team: null }))
  }
}

function send(method: 'POST' | 'PUT' | 'PATCH', path: string, body: object): ApiRequest {
  return { method, path, headers: JSON_BODY, body: async () => JSON.stringify(body) }
}

const put = (path: string, body: object) => send('PUT', path, body)

/** The body of a good answer. */
async function ask(admin: Caller, what: string, request: ApiRequest): Promise<unknown> {
  const answer: Answer = await admin(request)
  if (answer.status >= 200 && answer.status < 300) return answer.body
  const { method = 'GET', path } = request
  throw new Refused(`${what}: ${method} ${path.split('?')[0]} was refused: ${reasonOf(answer)}`)
}
