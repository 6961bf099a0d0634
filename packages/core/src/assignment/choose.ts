/** An agent who may be given tickets now. */
export interface Candidate {
  id: number
  name: string
  teamId: number | null
  active: number
  max: number
  /** Microseconds since 1970, null when never assigned. Grows with every choice. */
  lastAssigned: number | null
}

/** A ticket that waits for an agent. */
export interface WaitingTicket {
  id: number
  teamId: number | null
  passedOver: number | null
}

export interface Choice {
  ticketId: number
  agent: Candidate
  /** For people: why this agent. */
  reason: string
  parts: Record<string, number>
}

/** Fewest active tickets, then the one who waited longest since the last assignment, then the lowest id. */
export function byWorkload(a: Candidate, b: Candidate): number {
  return a.active - b.active || (a.lastAssigned ?? -1) - (b.lastAssigned ?? -1) || a.id - b.id
}

/** May this agent take this ticket: below the cap, and in the ticket's team if it has one. */
export function canTake(agent: Candidate, ticket: WaitingTicket): boolean {
  return agent.active < agent.max && (ticket.teamId === null || agent.teamId === ticket.teamId)
}

/**
 * Gives each ticket, in the order given, to the best agent by workload, counting what it gives. The former
 * agent of a ticket is passed over once, unless nobody else can take it. Changes the candidates it is given.
 * @param nowMicros microseconds since 1970; each choice takes the next one, so that the order is total
 */
export function chooseByWorkload(
  tickets: readonly WaitingTicket[],
  candidates: Candidate[],
  nowMicros: number,
): Choice[] {
  const choices: Choice[] = []
  for (const ticket of tickets) {
    const able = candidates.filter((agent) => canTake(agent, ticket))
    const others = able.filter((agent) => agent.id !== ticket.passedOver)
    const [agent] = (others.length > 0 ? others : able).sort(byWorkload)
    if (agent === undefined) continue
    choices.push({
      ticketId: ticket.id,
      agent,
      reason: explain(agent, able.length, ticket.teamId !== null),
      parts: { active_tickets: agent.active, max_tickets: agent.max, candidates: able.length },
    })
    agent.active += 1
    agent.lastAssigned = nowMicros + choices.length
  }
  return choices
}

function explain(agent: Candidate, candidates: number, inTeam: boolean): string {
  const among = `${candidates} available agent${candidates === 1 ? '' : 's'}${inTeam ? ' of the team' : ''}`
  return `${agent.name} had ${agent.active} of at most ${agent.max} active tickets, the fewest among ${among}`
}
