import { percentiles } from './percentiles.ts'
import { plural } from './problems.ts'
import { refillTimes } from './refill-times.ts'
import type { Staff } from './staff.ts'
import type { Work } from './work.ts'

export interface TeamLine {
  name: string
  categories: string[]
  /** With the load of each when all was sent and given out, and with the tickets that each resolved. */
  agents: { id: number; name: string; load: number | null; max: number; resolved: number }[]
  /** The most minus the fewest of the loads of equals, among the most only those who got tickets in this run. */
  spread: number | null
  waiting: { most: number; when_sent: number | null; at_end: number | null }
  /** From a resolve to the next ticket of the same agent. */
  refill_ms: { p50: number; p95: number } | null
}

/** How the replay's own teams did. */
export interface StaffSummary {
  strategy: string
  teams: TeamLine[]
  /** How often the loads were looked at. */
  looks: number
  over_cap: { name: string; active: number; max: number }[]
  resolved: number
  not_resolved: { ticket_id: number; reason: string }[]
  resolving_seconds: number
  problems: string[]
}

/**
 * Adds up how the teams did, and says which promise was broken.
 * @param isResolving whether the agents were to resolve everything
 * @param isLeft why the desk's categories were not given back, if they were not
 */
export function summariseStaff(
  { teams, strategy }: Pick<Staff, 'teams' | 'strategy'>,
  work: Work,
  isResolving: boolean,
  isLeft?: string,
): StaffSummary {
  const lines = teams.map((team, index): TeamLine => {
    const agentIds = new Set(team.agents.map(({ id }) => id))
    const resolved = work.resolved.filter(({ agentId }) => agentIds.has(agentId))
    const times = percentiles(refillTimes(resolved))
    const sent = work.sent?.[index]
    return {
      name: team.name,
      categories: team.categories,
      agents:
        (sent ?? work.start[index])?.agents.map(({ id, name, active, max }) => ({
          id,
          name,
          load: sent === undefined ? null : active,
          max,
          resolved: resolved.filter(({ agentId }) => agentId === id).length,
        })) ?? [],
      spread: work.spreads[index] ?? null,
      waiting: {
        most: work.seen.mostWaiting.get(team.name) ?? 0,
        when_sent: sent?.waiting ?? null,
        at_end: work.end?.[index]?.waiting ?? null,
      },
      refill_ms: times && { p50: times.p50, p95: times.p95 },
    }
  })
  return {
    strategy,
    teams: lines,
    looks: work.seen.looks,
    over_cap: work.seen.overCap.map(({ name, active, max }) => ({ name, active, max })),
    resolved: work.resolved.length,
    not_resolved: work.left.map(({ ticketId, reason }) => ({ ticket_id: ticketId, reason })),
    resolving_seconds: Math.round(work.resolvingSeconds * 10) / 10,
    problems: [
      ...problemsOf(lines, strategy, work, isResolving),
      ...(isLeft === undefined ? [] : [`the categories were not given back: ${isLeft}`]),
    ],
  }
}

function problemsOf(
  lines: readonly TeamLine[],
  strategy: string,
  work: Work,
  isResolving: boolean,
): string[] {
  const uneven = strategy === 'workload' ? lines.filter(({ spread }) => (spread ?? 0) > 1) : []
  const stuck = isResolving ? lines.filter(({ waiting }) => (waiting.at_end ?? 0) > 0) : []
  const [firstLeft] = work.left
  return [
    ...work.seen.overCap.map(
      ({ name, active, max }) => `${name} had ${active} tickets, at most ${max} allowed`,
    ),
    ...uneven.map(({ name, spread }) => `${name}: the loads of equals differ by ${spread}`),
    ...[...work.idle].map(
      ([name, times]) => `${name}: tickets waited though somebody had room, at ${plural(times, 'look')}`,
    ),
    ...stuck.map(
      ({ name, waiting }) => `${name}: ${plural(waiting.at_end ?? 0, 'ticket')} never got an agent`,
    ),
    ...(firstLeft === undefined
      ? []
      : [`${plural(work.left.length, 'ticket')} could not be resolved, the first for: ${firstLeft.reason}`]),
    ...(work.problem === undefined ? [] : [`how the work went on could not be read: ${work.problem}`]),
  ]
}
