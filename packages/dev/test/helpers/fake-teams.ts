import type { FakeDesk, FakeTicket } from './fake-desk.ts'

export interface FakeAgent {
  id: number
  email: string
  name: string
  team: string | null
  active_tickets: number
  max_tickets: number
  is_available: boolean
  skills: object[]
}

interface Work {
  ticket: FakeTicket
  team: string | null
  agent: FakeAgent | undefined
  gotAt: number
  isDone: boolean
}

export interface FakeTeams {
  teams: string[]
  categories: { id: number; name: string; team: string | null }[]
  agents: FakeAgent[]
  work: Work[]
  strategy: string
  /** Who of those with room gets a ticket. */
  choose: (free: readonly FakeAgent[], ticket: FakeTicket) => FakeAgent | undefined
  /** Whether somebody counts as having room. */
  hasRoom: (agent: FakeAgent) => boolean
  /** Whether a resolve gives the agent the next ticket. */
  refills: () => boolean
}

const MS_TO_REFILL = 40
const START = Date.parse('2026-01-01T00:00:00.000Z')

/** Gives a fake desk categories, teams and agents who are given tickets: fairly, unless told otherwise. */
export function addFakeTeams(desk: FakeDesk): FakeTeams {
  let ms = START
  const fake: FakeTeams = {
    teams: ['Second line'],
    categories: ['Hardware', 'Software', 'Network', 'Other'].map((name, index) => ({
      id: index + 1,
      name,
      team: name === 'Network' ? 'Second line' : null,
    })),
    agents: [],
    work: [],
    strategy: 'workload',
    choose: (free) => free.toSorted((a, b) => a.active_tickets - b.active_tickets)[0],
    hasRoom: (agent) => agent.active_tickets < agent.max_tickets,
    refills: () => true,
  }

  function give(work: Work): void {
    const able = fake.agents.filter((each) => each.is_available && each.team === work.team)
    const agent = fake.choose(able.filter(fake.hasRoom), work.ticket)
    if (agent === undefined) return
    agent.active_tickets++
    work.agent = agent
    work.gotAt = ms
  }

  function resolve(id: number) {
    const work = fake.work.find(({ ticket }) => ticket.id === id)
    if (work?.agent === undefined || work.isDone) return { status: 409, body: { detail: 'nobody has it' } }
    work.isDone = true
    work.agent.active_tickets--
    const resolvedAt = ms
    ms += MS_TO_REFILL
    const next = fake.work.find(({ agent, team }) => agent === undefined && team === work.team)
    if (next && fake.refills()) give(next)
    return { status: 200, body: { resolved_at: new Date(resolvedAt).toISOString() } }
  }

  function list(query: URLSearchParams) {
    const wanted = query.get('assigned_to')
    const ids = wanted?.split(',').map(Number) ?? []
    const found = fake.work.filter(
      ({ agent, team, isDone }) =>
        !isDone &&
        (query.get('team') ?? team) === team &&
        (wanted === 'none' ? agent === undefined : agent !== undefined && ids.includes(agent.id)),
    )
    const tickets = found.slice(0, Number(query.get('per_page'))).map(({ ticket, agent }) => ({
      id: ticket.id,
      assigned_to: agent?.id ?? null,
    }))
    return { status: 200, body: { tickets, pagination: { total: found.length, next_cursor: null } } }
  }

  desk.onCreated = (ticket) => {
    const category = String(ticket.fields.category ?? 'Other')
    const team = fake.categories.find(({ name }) => name === category)?.team ?? null
    const work: Work = { ticket, team, agent: undefined, gotAt: 0, isDone: false }
    fake.work.push(work)
    give(work)
  }
  desk.assignment = ({ id }) => {
    const { agent, gotAt } = fake.work.find(({ ticket }) => ticket.id === id) ?? {}
    return agent === undefined
      ? { assigned_to: null, waiting_reason: 'all of the team are busy' }
      : {
          assigned_to: agent.id,
          assigned_agent_name: agent.name,
          since: new Date(gotAt ?? 0).toISOString(),
        }
  }
  desk.extension = (route, query, body) => {
    const sent = () => JSON.parse(body.toString())
    const [, id] = /\/(\d+)(?:\/status)?$/.exec(route) ?? []
    switch (route.replace(/\d+/, 'N')) {
      case 'GET /config/categories':
        return { status: 200, body: fake.categories }
      case 'PUT /config/categories/N':
        Object.assign(fake.categories.find((each) => each.id === Number(id)) ?? {}, sent())
        return { status: 200, body: {} }
      case 'GET /config/teams':
        return { status: 200, body: fake.teams.map((name) => ({ name })) }
      case 'POST /config/teams':
        fake.teams.push(sent().name)
        return { status: 201, body: {} }
      case 'GET /config/assignment':
        return { status: 200, body: { strategy: fake.strategy } }
      case 'GET /config/statuses':
        return {
          status: 200,
          body: [
            { name: 'Open', class: 'open' },
            { name: 'Resolved', class: 'resolved' },
          ],
        }
      case 'GET /users':
        return query.has('search') ? { status: 200, body: { users: fake.agents } } : undefined
      case 'POST /users': {
        const agent = { ...NEW_AGENT, id: 100 + fake.agents.length, email: sent().email, name: sent().name }
        fake.agents.push(agent)
        return { status: 201, body: { id: agent.id } }
      }
      case 'PATCH /users/N': {
        const { password: _, ...duty } = sent()
        Object.assign(fake.agents.find((each) => each.id === Number(id)) ?? {}, duty)
        return { status: 200, body: {} }
      }
      case 'PUT /tickets/N/status':
        return resolve(Number(id))
      case 'GET /tickets':
        return query.has('assigned_to') ? list(query) : undefined
      default:
        return undefined
    }
  }
  return fake
}

const NEW_AGENT: Omit<FakeAgent, 'id' | 'email' | 'name'> = {
  team: null,
  active_tickets: 0,
  max_tickets: 10,
  is_available: true,
  skills: [],
}
