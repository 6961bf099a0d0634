import type { AgentState, TeamState } from './team-state.ts'

/** Agents who have more than their cap, and got some of it since `start`: a cap may have been lowered below a load. */
export function overCap(start: TeamState, now: TeamState): AgentState[] {
  return now.agents.filter((agent) => agent.active > agent.max && agent.active > loadOf(start, agent.id))
}

/**
 * The most minus the fewest tickets among the equals of a team, where nobody resolved any since `start`. An agent who
 * had more than the others before and got none is not counted among the most; whoever has the fewest always counts.
 * @returns null when nobody got a ticket
 */
export function spreadOf(start: TeamState, now: TeamState): number | null {
  const spreads = [...new Set(now.agents.map(({ max }) => max))].flatMap((cap) => {
    const equals = now.agents.filter(({ max }) => max === cap)
    const got = equals.filter(({ id, active }) => active > loadOf(start, id)).map(({ active }) => active)
    if (got.length === 0) return []
    return Math.max(...got) - Math.min(...equals.map(({ active }) => active))
  })
  return spreads.length === 0 ? null : Math.max(...spreads)
}

/** Whether tickets wait though an agent has room. */
export function isIdle({ waiting, agents }: TeamState): boolean {
  return waiting > 0 && agents.some(({ active, max }) => active < max)
}

function loadOf({ agents }: TeamState, id: number): number {
  return agents.find((agent) => agent.id === id)?.active ?? 0
}
