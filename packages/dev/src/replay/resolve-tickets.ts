import { inParallel } from '../in-parallel.ts'
import { Refused } from './api-errors.ts'
import type { Caller } from './caller.ts'
import { elements, members, numberOf, textOf } from './json.ts'
import { IN_FLIGHT } from './post-tickets.ts'
import { JSON_BODY, reasonOf, type Session } from './session.ts'
import type { StatusNames } from './team-state.ts'

/** A ticket that its agent resolved. */
export interface Resolved {
  ticketId: number
  agentId: number
  /** When its agent got it, and when it was resolved, by the server's clock in milliseconds. */
  gotAt: number
  at: number
}

export interface NotResolved {
  ticketId: number
  reason: string
}

export interface ResolveDeps {
  admin: Caller
  /** Of the agents, by their ids. */
  sessions: ReadonlyMap<number, Session>
  statuses: StatusNames
  takeTurn: () => Promise<void>
  /** Waits until what a round has freed is given out, and notes how the teams stand. */
  settle: () => Promise<void>
  onDone: (resolved: number) => void
}

/** As many as leave the agents work while a round is resolved. */
const ROUND = 50

/**
 * Lets the agents resolve their tickets, the oldest first and round by round, until none of them has any; what waits is
 * given to them meanwhile. A ticket that cannot be resolved is left to its agent.
 * @throws Unreachable, Refused
 */
export async function resolveTickets(
  deps: ResolveDeps,
): Promise<{ resolved: Resolved[]; left: NotResolved[] }> {
  const resolved: Resolved[] = []
  const left: NotResolved[] = []
  for (;;) {
    const known = new Set(left.map(({ ticketId }) => ticketId))
    const round = (await listActive(deps)).filter(({ ticketId }) => !known.has(ticketId)).slice(0, ROUND)
    if (round.length === 0) return { resolved, left }
    await inParallel(round, IN_FLIGHT, async (ticket) => {
      await deps.takeTurn()
      const outcome = await resolve(deps, ticket)
      if ('reason' in outcome) left.push(outcome)
      else resolved.push(outcome)
      deps.onDone(resolved.length)
    })
    await deps.settle()
  }
}

async function resolve(
  { admin, sessions, statuses }: ResolveDeps,
  { ticketId, agentId }: { ticketId: number; agentId: number },
): Promise<Resolved | NotResolved> {
  const session = sessions.get(agentId)
  if (session === undefined) return { ticketId, reason: 'its agent is none of the replay' }
  const assignment = await admin({ path: `/tickets/${ticketId}/assignment` })
  const answer = await session.call({
    method: 'PUT',
    path: `/tickets/${ticketId}/status`,
    headers: JSON_BODY,
    body: async () => JSON.stringify({ status: statuses.resolved }),
  })
  if (answer.status !== 200) return { ticketId, reason: reasonOf(answer) }
  const gotAt = Date.parse(textOf(members(assignment.body).since) ?? '')
  const at = Date.parse(textOf(members(answer.body).resolved_at) ?? '')
  return { ticketId, agentId, gotAt, at }
}

/** The oldest tickets that the agents have: one page, which is the whole of it where fewer than 100 are stuck. */
async function listActive({ admin, sessions, statuses }: ResolveDeps) {
  const agents = [...sessions.keys()].join(',')
  const query = `assigned_to=${agents}&status=${encodeURIComponent(statuses.active.join(','))}&sort=created_at&per_page=100`
  const answer = await admin({ path: `/tickets?${query}` })
  if (answer.status !== 200) throw new Refused(`the agents' tickets were refused: ${reasonOf(answer)}`)
  return elements(members(answer.body).tickets)
    .map(members)
    .flatMap(({ id, assigned_to }) => {
      const [ticketId, agentId] = [numberOf(id), numberOf(assigned_to)]
      return ticketId === undefined || agentId === undefined ? [] : { ticketId, agentId }
    })
}
