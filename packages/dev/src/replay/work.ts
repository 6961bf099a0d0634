import { isServersDoing } from './api-errors.ts'
import type { Caller } from './caller.ts'
import type { Deps } from './deps.ts'
import { isIdle, spreadOf } from './fairness.ts'
import { createPace } from './pace.ts'
import { isDrained, readPipeline } from './pipeline.ts'
import { type NotResolved, type Resolved, resolveTickets } from './resolve-tickets.ts'
import { type Session, signIn } from './session.ts'
import type { Staff } from './staff.ts'
import { readStatusNames, readTeams, type TeamState } from './team-state.ts'
import { type Seen, watchTeams } from './watch-teams.ts'

/** How the staff did its work. */
export interface Work {
  start: readonly TeamState[]
  /** When all was sent and given out; undefined when the server was gone then. */
  sent: readonly TeamState[] | undefined
  end: readonly TeamState[] | undefined
  /** By team, as it was when all was sent; see {@link spreadOf}. */
  spreads: readonly (number | null)[]
  seen: Seen
  /** How often tickets of a team waited though nothing more was to come and an agent had room. */
  idle: ReadonlyMap<string, number>
  resolved: readonly Resolved[]
  left: readonly NotResolved[]
  resolvingSeconds: number
  /** Why it is not known how it ended, when it is not. */
  problem: string | undefined
}

export interface WorkDeps {
  call: Caller
  admin: Caller
  staff: Staff
  deps: Deps
  timeoutMs: number
  /** Tickets a second that the agents resolve; none are when it is undefined. */
  resolveRate: number | undefined
}

const POLL_MS = 200

/**
 * Follows how the staff works, from before anything is sent.
 * @throws Unreachable, Refused, UserError when an agent cannot sign in
 */
export async function followWork({ call, admin, staff, deps, timeoutMs, resolveRate }: WorkDeps) {
  const statuses = await readStatusNames(admin)
  const read = () => readTeams(admin, staff.teams, statuses)
  const start = await read()
  const agents = resolveRate === undefined ? [] : staff.teams.flatMap((team) => team.agents)
  const sessions = new Map<number, Session>()
  for (const agent of agents) sessions.set(agent.id, await signIn(call, agent, timeoutMs))
  const watch = watchTeams(start, read, deps)
  const idle = new Map<string, number>()

  /** Waits until no team leaves tickets waiting that somebody has room for, or nothing more is to come. */
  async function settle(): Promise<TeamState[]> {
    const deadline = deps.now() + timeoutMs
    for (;;) {
      // Before the look, so that the look shows what all that was to come has led to.
      const isOver = isDrained(await readPipeline(admin))
      const teams = await watch.look()
      const waiting = teams.filter(isIdle)
      if (waiting.length === 0) return teams
      if (isOver || deps.now() >= deadline) {
        for (const { name } of waiting) idle.set(name, (idle.get(name) ?? 0) + 1)
        return teams
      }
      await deps.wait(POLL_MS)
    }
  }

  return {
    /** Ends the looks without judging anything, when the run itself has failed. */
    abandon: async () => void (await watch.end()),

    /**
     * Judges how the tickets were shared, once all are sent and the pipeline has drained, and lets the agents resolve
     * them.
     */
    async finish(onDone: (resolved: number) => void): Promise<Work> {
      let [sent, end]: (TeamState[] | undefined)[] = []
      let done: { resolved: Resolved[]; left: NotResolved[] } = { resolved: [], left: [] }
      let problem: string | undefined
      const begun = deps.now()
      try {
        sent = await settle()
        if (resolveRate !== undefined) {
          const takeTurn = createPace(resolveRate, deps)
          done = await resolveTickets({
            admin,
            sessions,
            statuses,
            takeTurn,
            onDone,
            settle: async () => void (await settle()),
          })
        }
        end = await settle()
      } catch (error) {
        if (!isServersDoing(error)) throw error
        problem = error.message
      }
      return {
        start,
        sent,
        end,
        spreads: start.map((team, index) => {
          const then = sent?.[index]
          return then === undefined ? null : spreadOf(team, then)
        }),
        seen: await watch.end(),
        idle,
        ...done,
        resolvingSeconds: (deps.now() - begun) / 1_000,
        problem,
      }
    },
  }
}

export type FollowedWork = Awaited<ReturnType<typeof followWork>>
