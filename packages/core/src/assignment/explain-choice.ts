import type { ScoreWeights, Strategy } from './assignment-settings.ts'
import type { Contender } from './rank.ts'
import type { Score } from './score.ts'

/** Among whom was chosen: how many, of the ticket's team or of all, and who was passed over. */
export interface Field {
  many: number
  inTeam: boolean
  former: string | null
}

/** Why this agent, in a sentence for people. */
export function explainChoice(
  strategy: Strategy,
  { agent, score }: Contender,
  field: Field,
  weights: ScoreWeights,
): string {
  const among = `among ${field.many} available agent${field.many === 1 ? '' : 's'}${field.inTeam ? ' of the team' : ''}`
  const passed = field.former === null ? '' : `; ${field.former}, who had it before, was passed over`
  const load = `${agent.active} of at most ${agent.max} active tickets`
  const sentences: Record<Strategy, () => string> = {
    workload: () => `${agent.name} had ${load}, the fewest ${among}`,
    score: () =>
      `${agent.name} had ${score?.total ?? 0} of 100 points, the most ${among}: ${points(score, weights)}`,
    round_robin: () =>
      `It was the turn of ${agent.name}, who ${since(agent.lastAssigned)} ${among} and had ${load}`,
  }
  return sentences[strategy]() + passed
}

/** What each part contributed: `capacity 45 of 50, skills 24 of 30, …`. */
export function points(score: Score | null, weights: ScoreWeights): string {
  if (score === null) return ''
  const { parts } = score
  return [
    `free capacity ${parts.capacity} of ${weights.capacity}`,
    `skills ${parts.skills} of ${weights.skills}`,
    `targets met ${parts.sla} of ${weights.sla}`,
    `presence ${parts.presence} of ${weights.presence}`,
  ].join(', ')
}

function since(lastAssigned: number | null): string {
  if (lastAssigned === null) return 'was never given one before,'
  return `was given one longest ago (${new Date(lastAssigned / 1_000).toISOString()})`
}
