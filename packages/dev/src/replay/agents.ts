import type { Caller } from './caller.ts'
import { elements, members, numberOf } from './json.ts'

/** How loaded an agent is now, with every ticket in the system. */
export interface Load {
  active: number
  max: number
}

/**
 * The loads of agents by their ids, for showing beside this run's counts; empty when the server does not tell.
 * @throws Unreachable
 */
export async function readLoads(admin: Caller): Promise<Map<number, Load>> {
  const roles = encodeURIComponent('Technical User,Technical Supervisor')
  const answer = await admin({ path: `/users?role=${roles}&per_page=100` })
  const loads = new Map<number, Load>()
  for (const user of elements(members(answer.body).users).map(members)) {
    const [id, active, max] = [user.id, user.active_tickets, user.max_tickets].map(numberOf)
    if (id !== undefined && active !== undefined && max !== undefined) loads.set(id, { active, max })
  }
  return loads
}
