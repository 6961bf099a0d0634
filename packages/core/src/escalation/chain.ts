/** A team as the chain needs it. */
export interface ChainTeam {
  id: number
  parentId: number | null
  supervisorId: number | null
}

/** Who works for the desk now and can be told: ids of active users. */
export interface DeskPeople {
  /** Whoever may supervise a team: all active staff among the teams' supervisors. */
  leaders: ReadonlySet<number>
  supervisors: readonly number[]
  admins: readonly number[]
}

/**
 * Who is told of an escalation that names nobody. Above the ticket's agent the chain has these rungs, lowest first:
 *
 * 1. the supervisor of the ticket's team, then that of its parent team, and so on up: one rung each;
 * 2. all supervisors;
 * 3. all admins.
 *
 * Whoever escalates is on no rung, nor is who is not active; a rung on which nobody new would be told is no rung. The
 * first escalation of a ticket goes to the lowest rung and each further one a rung higher; what goes beyond the highest
 * goes to the highest again.
 * @param level of the ticket after the escalation, from 1
 * @returns ids in no particular order, each once; empty only when there is nobody but the one who escalates
 */
export function escalationAudience(
  level: number,
  ticketTeamId: number | null,
  teams: readonly ChainTeam[],
  people: DeskPeople,
  actorId: number | null,
): number[] {
  const rungs: number[][] = []
  const known = new Set<number>()
  const add = (ids: readonly number[]) => {
    const others = [...new Set(ids)].filter((id) => id !== actorId)
    if (others.every((id) => known.has(id))) return
    rungs.push(others)
    for (const id of others) known.add(id)
  }
  for (const team of lineOf(ticketTeamId, teams)) {
    if (team.supervisorId !== null && people.leaders.has(team.supervisorId)) add([team.supervisorId])
  }
  add(people.supervisors)
  add(people.admins)
  return rungs[Math.min(Math.max(level, 1), rungs.length) - 1] ?? []
}

/** A team and those above it; a loop, which configuration refuses, ends where it begins. */
function lineOf(teamId: number | null, teams: readonly ChainTeam[]): ChainTeam[] {
  const line: ChainTeam[] = []
  let team = teams.find((each) => each.id === teamId)
  while (team !== undefined && !line.includes(team)) {
    line.push(team)
    const { parentId } = team
    team = teams.find((each) => each.id === parentId)
  }
  return line
}
