import type { Strategy } from './assignment-settings.ts'
import type { Candidate } from './choose.ts'
import type { Score } from './score.ts'

/** An agent who could take a ticket; scored where the strategy asks. */
export interface Contender {
  agent: Candidate
  score: Score | null
}

/** Who waited longest since the last assignment, who never had one first of all; then the lowest id. */
export function byTurn(a: Candidate, b: Candidate): number {
  return (a.lastAssigned ?? -1) - (b.lastAssigned ?? -1) || a.id - b.id
}

/** Fewest active tickets, then {@link byTurn}. */
export function byWorkload(a: Candidate, b: Candidate): number {
  return a.active - b.active || byTurn(a, b)
}

/** Most points, then {@link byWorkload}. */
export function byScore(a: Contender, b: Contender): number {
  return (b.score?.total ?? 0) - (a.score?.total ?? 0) || byWorkload(a.agent, b.agent)
}

const ORDERS: Record<Strategy, (a: Contender, b: Contender) => number> = {
  workload: (a, b) => byWorkload(a.agent, b.agent),
  score: byScore,
  round_robin: (a, b) => byTurn(a.agent, b.agent),
}

/** The first by the strategy's order, which is total: whoever is equal in everything differs in the id. */
export function bestOf(contenders: readonly Contender[], strategy: Strategy): Contender | undefined {
  const order = ORDERS[strategy]
  let best: Contender | undefined
  for (const each of contenders) if (best === undefined || order(each, best) < 0) best = each
  return best
}
