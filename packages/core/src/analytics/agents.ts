import { sql } from 'drizzle-orm'
import { IS_ACTIVE } from './facts.ts'

/** Whose figures are whose. */
export interface AgentIdentity {
  /** The same as `id`. */
  agent_id: number
  id: number
  name: string
  email: string
  role: string
}

/** Whether user `u` has an agent's role; a setting can leave supervisors out, as the placeholder `supervisors` says. */
export const IS_AGENT = sql`(u.role = 'Technical User'
    OR (u.role = 'Technical Supervisor' AND ${sql.placeholder('supervisors')}::boolean))`

/** A part of a statement: how many open tickets each agent has, as `agent, active, pending`. */
export const OPEN_BY_AGENT = sql`open AS MATERIALIZED (
    SELECT t.assigned_to AS agent, count(*)::int AS active, (count(*) FILTER (WHERE s.class = 'pending'))::int AS pending
    FROM tickets t JOIN statuses s ON s.id = t.status_id WHERE ${IS_ACTIVE} GROUP BY 1
  )`
