import { isServersDoing } from './api-errors.ts'
import type { Deps } from './deps.ts'
import { overCap } from './fairness.ts'
import type { AgentState, TeamState } from './team-state.ts'

/** What was seen of the teams over a run. */
export interface Seen {
  looks: number
  /** The worst of each agent who was over the cap. */
  overCap: AgentState[]
  /** The most tickets that waited at once, by team. */
  mostWaiting: ReadonlyMap<string, number>
}

export interface Watch {
  /** Looks now, besides the looks at intervals. @throws Unreachable, Refused */
  look(): Promise<TeamState[]>
  /** Ends the looks. */
  end(): Promise<Seen>
}

const INTERVAL_MS = 500

/**
 * Looks at the teams again and again until it is ended; what a server that is away does not tell is not seen.
 * @param start how the teams stood before
 */
export function watchTeams(start: readonly TeamState[], read: () => Promise<TeamState[]>, deps: Deps): Watch {
  const worst = new Map<number, AgentState>()
  const mostWaiting = new Map<string, number>()
  let looks = 0
  let isEnded = false

  async function look(): Promise<TeamState[]> {
    const teams = await read()
    looks++
    for (const [index, team] of teams.entries()) {
      mostWaiting.set(team.name, Math.max(team.waiting, mostWaiting.get(team.name) ?? 0))
      for (const agent of overCap(start[index] ?? team, team)) {
        if (agent.active > (worst.get(agent.id)?.active ?? 0)) worst.set(agent.id, agent)
      }
    }
    return teams
  }

  async function lookOn(): Promise<void> {
    while (!isEnded) {
      try {
        await look()
      } catch (error) {
        if (!isServersDoing(error)) throw error
      }
      await deps.wait(INTERVAL_MS)
    }
  }
  const looking = lookOn()
  // Whoever ends it is told.
  looking.catch(() => undefined)
  return {
    look,
    async end() {
      isEnded = true
      await looking
      return { looks, overCap: [...worst.values()], mostWaiting }
    },
  }
}
