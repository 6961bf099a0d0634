import type { ScoreWeights } from './assignment-settings.ts'

/** What a score asks about an agent besides their load. */
export interface AgentRecord {
  /** Levels from 1 to 5 by the id of the category. */
  skills: Readonly<Record<number, number>>
  /** Resolution clocks of theirs that stopped or were missed in 30 days, and how many of those were met. */
  judged: number
  met: number
  isPresent: boolean
}

export const NO_RECORD: AgentRecord = { skills: {}, judged: 0, met: 0, isPresent: false }

export interface Scored {
  active: number
  max: number
  record: AgentRecord
}

/** How good a choice somebody is: points in all from 0 to 100, and what each part contributes to them. */
export interface Score {
  total: number
  parts: { capacity: number; skills: number; sla: number; presence: number }
}

export const HIGHEST_LEVEL = 5
/** Three of four met is what an agent starts from; each clock of their own counts for more as they add up. */
const PRIOR_MET = 3
const PRIOR_JUDGED = 4

/** To hundredths, so that the parts that people read add up to the points that decide. */
const round = (points: number) => Math.round(points * 100) / 100

/**
 * Scores an agent for a ticket of a category: each part is its weight times a share from 0 to 1.
 * Capacity: the share of `max` that is free. Skills: the level for the category of 5, 0 without one. SLA: clocks met
 * in 30 days, smoothed as (met + 3) / (judged + 4), so that one missed clock of a newcomer is no verdict. Presence: 1 or 0.
 * @param weights integers that add up to 100
 */
export function scoreOf(agent: Scored, categoryId: number, weights: ScoreWeights): Score {
  const { active, max, record } = agent
  const free = max > 0 ? Math.max(0, max - active) / max : 0
  const parts = {
    capacity: round(weights.capacity * free),
    skills: round((weights.skills * (record.skills[categoryId] ?? 0)) / HIGHEST_LEVEL),
    sla: round((weights.sla * (record.met + PRIOR_MET)) / (record.judged + PRIOR_JUDGED)),
    presence: record.isPresent ? weights.presence : 0,
  }
  return { total: round(parts.capacity + parts.skills + parts.sla + parts.presence), parts }
}
