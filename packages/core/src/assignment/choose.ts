import type { AssignmentSettings, Strategy } from './assignment-settings.ts'
import { explainChoice } from './explain-choice.ts'
import { bestOf } from './rank.ts'
import { type AgentRecord, scoreOf } from './score.ts'

/** An agent who may be given tickets now. */
export interface Candidate {
  id: number
  name: string
  teamId: number | null
  active: number
  max: number
  /** Microseconds since 1970, null when never assigned. Grows with every choice. */
  lastAssigned: number | null
  /** Empty where the strategy does not score. */
  record: AgentRecord
}

/** A ticket that waits for an agent. */
export interface WaitingTicket {
  id: number
  teamId: number | null
  categoryId: number
  passedOver: number | null
  /** Whether it counts against the cap of whoever gets it. */
  counts: boolean
}

export interface Choice {
  ticketId: number
  agent: Candidate
  strategy: Strategy
  /** From 0 to 100 where the strategy scores. */
  score: number | null
  parts: Record<string, number>
  /** For people: why this agent. */
  reason: string
  counts: boolean
  /** When, in microseconds since 1970: later than every choice before. */
  turn: number
}

/** May this agent take this ticket: below the cap, and in the ticket's team if it has one. */
export function canTake(agent: Candidate, ticket: Pick<WaitingTicket, 'teamId'>): boolean {
  return agent.active < agent.max && (ticket.teamId === null || agent.teamId === ticket.teamId)
}

/**
 * Gives each ticket, in the order given, to the best agent by the strategy, counting what it gives. The former
 * agent of a ticket is passed over once, unless nobody else can take it. Changes the candidates it is given.
 * @param nowMicros microseconds since 1970; each choice takes a later one, so that turns are a total order
 */
export function choose(
  settings: Pick<AssignmentSettings, 'strategy' | 'weights'>,
  tickets: readonly WaitingTicket[],
  candidates: Candidate[],
  nowMicros: number,
): Choice[] {
  const { strategy, weights } = settings
  // Not before anybody's last turn: many batches may share a millisecond, and another host's clock may be ahead.
  let turn = candidates.reduce((latest, agent) => Math.max(latest, agent.lastAssigned ?? 0), nowMicros)
  const choices: Choice[] = []
  for (const ticket of tickets) {
    const able = candidates.filter((agent) => canTake(agent, ticket))
    const others = able.filter((agent) => agent.id !== ticket.passedOver)
    const contenders = (others.length > 0 ? others : able).map((agent) => ({
      agent,
      score: strategy === 'score' ? scoreOf(agent, ticket.categoryId, weights) : null,
    }))
    const best = bestOf(contenders, strategy)
    if (best === undefined) continue
    const { agent, score } = best
    const load = { active_tickets: agent.active, max_tickets: agent.max, candidates: contenders.length }
    const former = others.length < able.length && others.length > 0 ? nameOf(able, ticket.passedOver) : null
    turn += 1
    choices.push({
      ticketId: ticket.id,
      agent,
      strategy,
      score: score?.total ?? null,
      parts: { ...score?.parts, ...load },
      reason: explainChoice(
        strategy,
        best,
        { many: contenders.length, inTeam: ticket.teamId !== null, former },
        weights,
      ),
      counts: ticket.counts,
      turn,
    })
    if (ticket.counts) agent.active += 1
    agent.lastAssigned = turn
  }
  return choices
}

function nameOf(agents: readonly Candidate[], id: number | null): string | null {
  return agents.find((agent) => agent.id === id)?.name ?? null
}
