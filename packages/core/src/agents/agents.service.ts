import type { Database } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { isAvailableAgent, isAway } from '../assignment/candidates.ts'
import type { ConfigurationCache } from '../config/configuration.ts'
import type { Clock } from '../shared/ports.ts'

/** An agent, for a list to choose from. */
export interface AgentRow extends Record<string, unknown> {
  id: number
  name: string
  email: string
  role: string
  active_tickets: number
  max_tickets: number
  /** Not switched to unavailable, and not out of office now. */
  is_available: boolean
}

/** Who tickets are assigned to. */
export function createAgentService(deps: { db: Database; clock: Clock; configuration: ConfigurationCache }) {
  async function list(now: Date, condition: SQL): Promise<AgentRow[]> {
    return deps.db.execute<AgentRow>(sql`
      SELECT u.id, u.name, u.email, u.role, a.active_tickets, a.max_tickets,
        a.is_available AND NOT ${isAway(now)} AS is_available
      FROM agents a JOIN users u ON u.id = a.user_id
      WHERE ${condition} ORDER BY u.id`)
  }

  return {
    /** Every active agent, supervisors included. */
    async list(): Promise<AgentRow[]> {
      return list(deps.clock.now(), sql`u.is_active AND u.role IN ('Technical User', 'Technical Supervisor')`)
    },

    /** Those whom automatic assignment could give a ticket now. */
    async assignable(): Promise<AgentRow[]> {
      const now = deps.clock.now()
      const { include_supervisors } = (await deps.configuration.get()).assignment
      return list(
        now,
        sql`${isAvailableAgent(now, include_supervisors)} AND a.active_tickets < a.max_tickets`,
      )
    },
  }
}

export type AgentService = ReturnType<typeof createAgentService>
